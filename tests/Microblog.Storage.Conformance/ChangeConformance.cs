using Microblog.Moderation;

namespace Microblog.Storage.Conformance;

/// <summary>What is told of public notices after they were published: by whatever they are changed, nobody who reads on misses it.</summary>
public abstract class ChangeConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_change_stands_where_it_was_made_and_tells_the_notice_as_it_is_now()
    {
        var alice = await AddLocalAsync("alice");
        await PublishAsync(alice, "never changed");
        var notice = await PublishAsync(alice, "helo");
        var place = await EditAsync(notice with { Content = "hello", Tags = ["cats"] });

        var change = Assert.Single(await ListAsync());
        Assert.Equal((new ChangePlace(place, notice.Id), notice.Uri), (change.Place, change.Uri));
        Assert.Equal(("hello", alice), (change.Entry!.Notice.Content, change.Entry.Author));
        Assert.Equal(["cats"], change.Entry.Notice.Tags);
    }

    [Fact]
    public async Task A_deletion_tells_which_notice_it_was_and_nothing_of_it()
    {
        var notice = await PublishAsync(await AddLocalAsync("alice"));
        var place = await DeleteAtAsync(notice);

        var change = Assert.Single(await ListAsync());
        Assert.Equal(new NoticeChange(new ChangePlace(place, notice.Id), notice.Uri, null), change);
    }

    [Fact]
    public async Task Each_notice_stands_once_where_it_was_changed_last()
    {
        var alice = await AddLocalAsync("alice");
        var (first, second) = (await PublishAsync(alice), await PublishAsync(alice));
        await EditAsync(first with { Content = "two" });
        var middle = await EditAsync(second with { Content = "changed" });
        await EditAsync(first with { Content = "three" });
        var last = await DeleteAtAsync(first);

        Assert.Equal([new ChangePlace(middle, second.Id), new ChangePlace(last, first.Id)], await PlacesAsync());
        Assert.Equal([new ChangePlace(last, first.Id)], await PlacesAsync(new ChangePlace(middle, second.Id)));
        Assert.Empty(await PlacesAsync(new ChangePlace(last, first.Id)));
    }

    [Fact]
    public async Task What_changes_nothing_is_not_told()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice);
        using (var drawn = Store.Ids.Draw())
            Assert.False(await Write(session => session.Notices.EditAsync(notice with { EditedAt = Clock.GetUtcNow() }, drawn.Position, None)));
        Assert.Empty(await ListAsync());

        var place = await DeleteAtAsync(notice);
        Assert.False(await DeleteAsync(notice.Id));
        Assert.Equal([new ChangePlace(place, notice.Id)], await PlacesAsync());
    }

    [Fact]
    public async Task Nothing_is_told_of_what_was_not_for_everybody_or_not_listed_or_not_written_here()
    {
        var alice = await AddLocalAsync("alice");
        foreach (var notice in new[]
        {
            LocalNotice(alice, visibility: Visibility.Unlisted), LocalNotice(alice, visibility: Visibility.Followers),
            LocalNotice(alice, visibility: Visibility.Direct), LocalNotice(alice) with { IsLocalOnly = true },
        })
        {
            await PublishAsync(notice);
            await EditAsync(notice with { Content = "changed" });
            await DeleteAtAsync(notice);
        }

        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await AddRemoteAsync("zoe");
        var remote = RemoteNotice(zoe, "https://there.example/1");
        await ReceiveAsync(remote, alice);
        await Write(session => session.Notices.RecordOriginAsync(remote.Id, "", true, None));
        Assert.NotNull(await FindAsync(remote.Id));
        await DeleteAtAsync(remote);

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_repeat_is_deleted_with_what_it_repeats()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice, visibility: Visibility.Unlisted);
        var repeats = new List<Notice>();
        foreach (var person in new[] { alice, bob })
            repeats.Add(await PublishAsync(LocalNotice(person, "RT @alice hello") with { RepeatOf = notice.Id }));
        await PublishAsync(LocalNotice(await AddLocalAsync("carol"), visibility: Visibility.Unlisted) with { RepeatOf = notice.Id });
        var takenBack = await DeleteAtAsync(repeats[1]);
        var place = await DeleteAtAsync(notice);

        var changes = await ListAsync();
        Assert.Equal([new ChangePlace(takenBack, repeats[1].Id), new ChangePlace(place, repeats[0].Id)], changes.Select(change => change.Place));
        Assert.All(changes, change => Assert.Null(change.Entry));
    }

    [Fact]
    public async Task Repeats_of_a_remote_notice_are_deleted_with_it()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await AddRemoteAsync("zoe");
        var notice = RemoteNotice(zoe, "https://there.example/1");
        await ReceiveAsync(notice, alice);
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));
        var repeat = await PublishAsync(LocalNotice(alice) with { RepeatOf = notice.Id });
        var place = await DeleteAtAsync(notice);

        Assert.Equal([new ChangePlace(place, repeat.Id)], await PlacesAsync());
    }

    [Fact]
    public async Task Whoever_leaves_deletes_each_of_their_notices()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var expected = new List<NoticeId>();
        for (var number = 0; number < 7; number++)
            expected.Add((await PublishAsync(alice)).Id);
        await PublishAsync(alice, visibility: Visibility.Followers);
        await PublishAsync(bob);
        expected.Add((await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = expected[^1] })).Id);
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));
        while (await ContinueAsync(count: 3))
        {
        }

        var changes = await ListAsync();
        Assert.Equal(expected, changes.Select(change => change.Place.Notice).Order());
        Assert.All(changes, change => Assert.Null(change.Entry));
        // Each step has one position.
        Assert.InRange(changes.Select(change => change.Place.Position).Distinct().Count(), 2, 4);
    }

    [Fact]
    public async Task Pages_go_on_among_changes_that_share_a_position()
    {
        var alice = await AddLocalAsync("alice");
        for (var number = 0; number < 9; number++)
            await PublishAsync(alice);
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));
        while (await ContinueAsync(count: 5))
        {
        }

        var found = new List<ChangePlace>();
        while (await PlacesAsync(found.LastOrDefault(), count: 2) is { Count: > 0 } page)
            found.AddRange(page);
        Assert.Equal(await PlacesAsync(), found);
        Assert.Equal(9, found.Count);
        Assert.Equal(found.OrderBy(place => place.Position).ThenBy(place => place.Notice), found);
    }

    [Fact]
    public async Task A_change_is_told_when_no_earlier_one_can_come_any_more()
    {
        var alice = await AddLocalAsync("alice");
        var (first, second) = (await PublishAsync(alice), await PublishAsync(alice));
        var slow = Store.Ids.Draw();
        var place = await DeleteAtAsync(second);
        Assert.Empty(await ListAsync());

        Assert.True(await Write(session => session.Notices.DeleteAsync(first.Id, slow.Position, None)));
        slow.Dispose();
        Assert.Equal([new ChangePlace(slow.Position, first.Id), new ChangePlace(place, second.Id)], await PlacesAsync());
    }

    [Theory]
    [InlineData(Standing.Silenced)]
    [InlineData(Standing.Suspended)]
    public async Task A_changed_notice_that_the_public_timeline_does_not_show_now_is_told_as_if_it_were_gone(Standing standing)
    {
        var alice = await AddLocalAsync("alice");
        var (changed, deleted) = (await PublishAsync(alice, "helo"), await PublishAsync(alice));
        await EditAsync(changed with { Content = "hello" });
        await Write(session => session.Moderation.SetStandingAsync(alice.Uri, standing, None));
        await DeleteAtAsync(deleted);
        Assert.Equal([null, null], (await ListAsync()).Select(change => change.Entry));

        await Write(session => session.Moderation.SetStandingAsync(alice.Uri, Standing.Good, None));
        Assert.Equal(["hello", null], (await ListAsync()).Select(change => change.Entry?.Notice.Content));
    }

    [Fact]
    public async Task What_is_rolled_back_is_not_told()
    {
        var notice = await PublishAsync(await AddLocalAsync("alice"));
        using (var drawn = Store.Ids.Draw())
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Write<bool>(async session =>
            {
                await session.Notices.DeleteAsync(notice.Id, drawn.Position, None);
                throw new InvalidOperationException("Never mind.");
            }).AsTask());
        }

        Assert.Empty(await ListAsync());
    }

    private ValueTask<IReadOnlyList<NoticeChange>> ListAsync(ChangePlace after = default, int count = PageRequest.MaxCount) =>
        Read(session => session.Notices.ListChangesAsync(after, count, None));

    private async Task<IReadOnlyList<ChangePlace>> PlacesAsync(ChangePlace after = default, int count = PageRequest.MaxCount) =>
        [.. (await ListAsync(after, count)).Select(change => change.Place)];

    private async Task<TimelinePosition> EditAsync(Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Notices.EditAsync(notice with { EditedAt = Clock.GetUtcNow() }, drawn.Position, None)));
        return drawn.Position;
    }

    private async Task<TimelinePosition> DeleteAtAsync(Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Notices.DeleteAsync(notice.Id, drawn.Position, None)));
        return drawn.Position;
    }
}
