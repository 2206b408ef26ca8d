namespace Microblog.Storage.Conformance;

/// <summary>Entries that come late, under the number of a notice that is older than what their reader has seen.</summary>
public abstract class HomeConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    private const string Uri = "https://there.example/notice/1";

    [Fact]
    public async Task Whoever_reads_on_from_the_newest_entry_misses_nothing_that_arrives_late_as_a_shared_copy()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        await PublishAsync(bob);
        var seen = await NewestAsync(bob);

        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(hers, Uri), bob));

        Assert.Equal([copy.Id], await ReadOnAsync(bob, seen.Position));
        Assert.Equal([copy.Id, seen.Notice.Id], await HomeAsync(bob));
        Assert.Equal([seen.Notice.Id], await HomeAsync(bob, PageRequest.OlderThan((await NewestAsync(bob)).Position, 9)));
    }

    [Fact]
    public async Task Whoever_reads_on_misses_nothing_that_arrives_late_as_a_proven_copy()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        await AddRemoteAsync("zoe");
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        await ProveAsync(copy);
        await PublishAsync(bob);
        var seen = await NewestAsync(bob);

        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(hers, Uri), bob));

        Assert.Equal([copy.Id], await ReadOnAsync(bob, seen.Position));
    }

    [Fact]
    public async Task Whoever_reads_on_in_mentions_misses_nothing_that_arrives_late_as_a_shared_copy()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        await PublishAsync(LocalNotice(alice) with { Mentions = [bob.Id] });
        var seen = (await MentionsAsync(bob, PageRequest.Newest(1)))[0];

        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(hers, Uri) with { Mentions = [bob.Id] }, bob));

        Assert.Equal([copy.Id], IdsOf(await MentionsAsync(bob, PageRequest.NewerThan(seen.Position, 9))));
        Assert.Equal([copy.Id, seen.Notice.Id], IdsOf(await MentionsAsync(bob, PageRequest.Newest(9))));
        Assert.Empty(await MentionsAsync(alice, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task Whoever_reads_on_misses_nothing_that_the_job_brings_late()
    {
        var (alice, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("carol"));
        var last = await AddFollowersAsync(201, alice);
        await SaveAsync(LocalSubscription(last, carol));
        var late = await PublishAsync(alice);
        await PublishAsync(carol);
        var seen = await NewestAsync(last);

        Assert.False(await ContinueAsync());

        Assert.Equal([late.Id], await ReadOnAsync(last, seen.Position));
    }

    [Fact]
    public async Task Notices_that_the_job_brings_to_one_person_have_a_position_each()
    {
        var (alice, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("carol"));
        var last = await AddFollowersAsync(201, alice, carol);
        var notices = new[] { (await PublishAsync(alice)).Id, (await PublishAsync(carol)).Id, (await PublishAsync(alice)).Id };

        while (await ContinueAsync())
        {
        }

        var entries = await Read(session => session.Timelines.HomeAsync(last.Id, PageRequest.Newest(9), None));
        Assert.Equal(notices.Reverse(), IdsOf(entries));
        Assert.Equal(3, entries.Select(entry => entry.Position).Distinct().Count());
        Assert.Equal(notices, await ReadOneByOneAsync(last, entry => entry.Position));
    }

    [Fact]
    public async Task Whoever_was_reached_at_once_is_not_reached_again_by_the_job()
    {
        var alice = await AddLocalAsync("alice");
        var last = await AddFollowersAsync(201, alice);
        var notice = await PublishAsync(LocalNotice(alice) with { Mentions = [last.Id] });

        Assert.False(await ContinueAsync());

        Assert.Equal([notice.Id], await HomeAsync(last));
        Assert.Equal(At(notice.Id), (await NewestAsync(last)).Position);
    }

    [Fact]
    public async Task A_shared_copy_that_was_numbered_after_it_arrived_stands_no_lower_than_its_number()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        var slow = RemoteNotice(hers, Uri);
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);

        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(slow, bob));

        Assert.Equal(At(copy.Id), (await NewestAsync(bob)).Position);
    }

    [Fact]
    public async Task What_the_job_brings_stands_no_lower_than_its_number()
    {
        var alice = await AddLocalAsync("alice");
        var last = await AddFollowersAsync(201, alice);
        using var early = Store.Ids.Draw();
        var notice = await PublishAsync(alice);

        Assert.False(await Write(session => session.Notices.ContinueAsync(100, early.Position, None)));

        Assert.Equal(At(notice.Id), (await NewestAsync(last)).Position);
    }

    [Fact]
    public async Task The_proven_copy_takes_the_place_of_the_one_that_its_reader_has_yet_to_meet()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        await AddRemoteAsync("zoe");
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        await PublishAsync(bob);
        var seen = await NewestAsync(bob);
        var other = RemoteNotice(hers, Uri, "other words");
        await ReceiveAsync(other, bob);
        var newest = await NewestAsync(bob);

        await ProveAsync(copy);

        Assert.Equal([copy.Id], await ReadOnAsync(bob, seen.Position));
        Assert.Equal(At(other.Id), (await NewestAsync(bob)).Position);
        Assert.Empty(await ReadOnAsync(bob, newest.Position));
    }

    [Fact]
    public async Task A_proven_copy_with_a_higher_number_moves_up_to_it_so_that_its_number_leads_past_nothing()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        await AddRemoteAsync("zoe");
        await ReceiveAsync(RemoteNotice(hers, Uri, "other words"), bob);
        var between = await PublishAsync(bob);
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);

        await ProveAsync(copy);

        Assert.Equal([between.Id, copy.Id], await ReadOneByOneAsync(bob, entry => At(entry.Notice.Id)));
    }

    [Fact]
    public async Task A_mention_follows_the_proven_copy_and_stands_where_its_reader_has_yet_to_meet_it()
    {
        var (alice, bob, copy, other) = await EachGetsACopyAsync();

        await ProveAsync(copy);

        var entry = Assert.Single(await MentionsAsync(bob, PageRequest.Newest(9)));
        Assert.Equal((copy.Id, At(other.Id)), (entry.Notice.Id, entry.Position));
        Assert.Empty(await MentionsAsync(alice, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task A_mention_moves_up_to_the_number_of_the_proven_copy()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        await AddRemoteAsync("zoe");
        await ReceiveAsync(RemoteNotice(hers, Uri, "other words") with { Mentions = [bob.Id] }, bob);
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);

        await ProveAsync(copy);

        Assert.Equal(At(copy.Id), Assert.Single(await MentionsAsync(bob, PageRequest.Newest(9))).Position);
    }

    [Fact]
    public async Task A_copy_that_was_deleted_leads_its_reader_to_no_proven_one()
    {
        var (_, bob, copy, other) = await EachGetsACopyAsync();
        Assert.True(await DeleteAsync(other.Id));

        await ProveAsync(copy);

        Assert.Empty(await HomeAsync(bob));
        Assert.Empty(await MentionsAsync(bob, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task Of_several_copies_the_proven_one_takes_the_place_of_the_last()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, first) = await HearRemoteAsync(bob, "zoe");
        var (_, second) = await HearRemoteAsync(bob, "zoe");
        var (_, third) = await HearRemoteAsync(bob, "zoe");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await AddRemoteAsync("zoe");
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        var last = default(Notice);
        foreach (var author in new[] { second, third, first })
        {
            last = RemoteNotice(author, Uri, $"words {author.Id}") with { Mentions = [bob.Id] };
            Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(last, bob));
        }

        await ProveAsync(copy);

        var entry = Assert.Single(await Read(session => session.Timelines.HomeAsync(bob.Id, PageRequest.Newest(9), None)));
        Assert.Equal((copy.Id, At(last!.Id), first.Id), (entry.Notice.Id, entry.Position, entry.Author.Id));
        Assert.Equal(At(last.Id), Assert.Single(await MentionsAsync(bob, PageRequest.Newest(9))).Position);
    }

    [Fact]
    public async Task A_person_with_several_copies_keeps_one_entry_when_one_is_proven()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, again) = await HearRemoteAsync(alice, "zoe");
        var (_, third) = await HearRemoteAsync(alice, "zoe");
        await AddRemoteAsync("zoe");
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(third, Uri), alice));
        await ReceiveAsync(RemoteNotice(again, Uri, "other words"), alice);
        Assert.Equal(2, (await HomeAsync(alice)).Length);

        await ProveAsync(copy);

        Assert.Equal([copy.Id], await HomeAsync(alice));
        Assert.Equal(At(copy.Id), (await NewestAsync(alice)).Position);
    }

    [Fact]
    public async Task In_other_lists_and_alone_the_position_is_the_number()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        var copy = RemoteNotice(zoe, Uri) with { Tags = ["cats"] };
        await ReceiveAsync(copy, alice);
        await ReceiveAsync(RemoteNotice(hers, Uri), bob);

        var page = PageRequest.Newest(9);
        TimelineEntry?[] entries =
        [
            await FindAsync(copy.Id, bob.Id),
            Assert.Single(await Read(session => session.Timelines.ProfileAsync(hers.Id, bob.Id, page, None))),
            Assert.Single(await Read(session => session.Timelines.TagAsync("cats", bob.Id, page, None))),
            Assert.Single(await Read(session => session.Timelines.ConversationAsync(copy.Id, bob.Id, page, None))),
        ];
        Assert.All(entries, entry => Assert.Equal(At(copy.Id), entry!.Position));
        Assert.True((await NewestAsync(bob)).Position > At(copy.Id));
    }

    /// <summary>Two people who each hear the same remote person, with her profile as each one's subscription brought it.</summary>
    private async Task<(Profile Alice, Profile Bob, Profile AsAliceKnowsHer, Profile AsBobKnowsHer)> BothHearZoeAsync()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        return (alice, bob, zoe, hers);
    }

    // Alice's can be proven; Bob's, which mentions him, says something else.
    private async Task<(Profile Alice, Profile Bob, Notice Copy, Notice Other)> EachGetsACopyAsync()
    {
        var (alice, bob, zoe, hers) = await BothHearZoeAsync();
        await AddRemoteAsync("zoe");
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        var other = RemoteNotice(hers, Uri, "other words") with { Mentions = [bob.Id] };
        await ReceiveAsync(other, bob);
        return (alice, bob, copy, other);
    }

    private async Task<Profile> AddFollowersAsync(int count, params Profile[] publishers)
    {
        Profile last = null!;
        for (var number = 0; number < count; number++)
        {
            last = await AddLocalAsync($"f{number}");
            foreach (var publisher in publishers)
                await SaveAsync(LocalSubscription(last, publisher));
        }

        return last;
    }

    private async Task ProveAsync(Notice notice) => await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));

    private async Task<TimelineEntry> NewestAsync(Profile owner) =>
        (await Read(session => session.Timelines.HomeAsync(owner.Id, PageRequest.Newest(1), None)))[0];

    private Task<NoticeId[]> ReadOnAsync(Profile owner, TimelinePosition after) => HomeAsync(owner, PageRequest.NewerThan(after, 9));

    private async Task<EntryPage> MentionsAsync(Profile person, PageRequest page) =>
        await Read(session => session.Timelines.MentionsAsync(person.Id, page, None));

    // As a client does that asks for what follows the highest it has seen.
    private async Task<List<NoticeId>> ReadOneByOneAsync(Profile owner, Func<TimelineEntry, TimelinePosition> position)
    {
        var (seen, last) = (new List<NoticeId>(), default(TimelinePosition));
        while (await Read(session => session.Timelines.HomeAsync(owner.Id, PageRequest.NewerThan(last, 1), None)) is [var entry])
        {
            seen.Add(entry.Notice.Id);
            last = position(entry);
        }

        return seen;
    }
}
