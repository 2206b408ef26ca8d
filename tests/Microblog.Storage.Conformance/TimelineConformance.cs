namespace Microblog.Storage.Conformance;

public abstract class TimelineConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task Every_list_pages_back_and_forward_without_gaps()
    {
        var alice = await AddLocalAsync("alice");
        var first = LocalNotice(alice);
        var notices = new List<NoticeId>();
        for (var number = 0; number < 7; number++)
        {
            var notice = number == 0 ? first : LocalNotice(alice);
            await PublishEverywhereAsync(notice, alice, first.Id);
            notices.Add(notice.Id);
        }

        var newestFirst = notices.AsEnumerable().Reverse().ToArray();
        foreach (var (name, list) in Lists(alice, first.Id))
        {
            Assert.Equal((name, newestFirst[..3]), (name, await PageAsync(list, PageRequest.Newest(3))), Same);
            Assert.Equal((name, newestFirst[3..6]), (name, await PageAsync(list, PageRequest.OlderThan(At(newestFirst[2]), 3))), Same);
            Assert.Equal((name, newestFirst[6..]), (name, await PageAsync(list, PageRequest.OlderThan(At(newestFirst[5]), 3))), Same);
            Assert.Equal((name, newestFirst[4..]), (name, await PageAsync(list, PageRequest.NewerThan(default, 3))), Same);
            Assert.Equal((name, newestFirst[1..4]), (name, await PageAsync(list, PageRequest.NewerThan(At(newestFirst[4]), 3))), Same);
            Assert.Equal((name, newestFirst[..1]), (name, await PageAsync(list, PageRequest.NewerThan(At(newestFirst[1]), 3))), Same);
            Assert.Equal((name, []), (name, await PageAsync(list, PageRequest.NewerThan(At(newestFirst[0]), 3))), Same);
            Assert.Equal((name, newestFirst), (name, await PageAsync(list, PageRequest.Newest(200))), Same);
        }
    }

    [Fact]
    public async Task Whoever_begins_at_the_newest_page_and_goes_on_misses_nothing()
    {
        var alice = await AddLocalAsync("alice");
        var first = LocalNotice(alice);
        await PublishEverywhereAsync(first, alice, first.Id);
        using var early = Store.Ids.Draw();
        var slow = LocalNotice(alice) with { Id = early.Notice };
        var quick = LocalNotice(alice);
        await PublishEverywhereAsync(quick, alice, first.Id);
        var begun = new List<EntryPage>();
        foreach (var (name, list) in Lists(alice, first.Id))
        {
            var newest = await ReadAsync(list, PageRequest.Newest(9));
            Assert.Equal((name, [quick.Id, first.Id]), (name, IdsOf(newest)), Same);
            var meanwhile = await ReadAsync(list, PageRequest.NewerThan(newest.Next, 9));
            Assert.Equal((name, []), (name, IdsOf(meanwhile)), Same);
            Assert.Equal(newest.Next, meanwhile.Next);
            begun.Add(newest);
        }

        await PublishEverywhereAsync(slow, alice, first.Id);
        early.Dispose();

        foreach (var ((name, list), newest) in Lists(alice, first.Id).Zip(begun))
        {
            var next = await ReadAsync(list, PageRequest.NewerThan(newest.Next, 1));
            Assert.Equal((name, [slow.Id]), (name, IdsOf(next)), Same);
            next = await ReadAsync(list, PageRequest.NewerThan(next.Next, 1));
            // Seen before, and once more.
            Assert.Equal((name, [quick.Id]), (name, IdsOf(next)), Same);
            Assert.Equal(At(quick.Id), next.Next);
        }
    }

    [Fact]
    public async Task Whoever_goes_forward_from_an_older_page_misses_nothing()
    {
        var alice = await AddLocalAsync("alice");
        using var early = Store.Ids.Draw();
        var slow = LocalNotice(alice) with { Id = early.Notice, Conversation = early.Notice };
        var (quick, last) = (await PublishAsync(alice), await PublishAsync(alice));
        var older = await Read(session => session.Timelines.HomeAsync(alice.Id, PageRequest.OlderThan(At(last.Id), 9), None));
        Assert.Equal([quick.Id], IdsOf(older));

        await PublishAsync(slow);
        early.Dispose();

        Assert.Equal([last.Id, quick.Id, slow.Id], await HomeAsync(alice, PageRequest.NewerThan(older.Next, 9)));
    }

    [Fact]
    public async Task Whoever_begins_with_an_empty_list_goes_on_from_its_beginning()
    {
        var alice = await AddLocalAsync("alice");
        using var early = Store.Ids.Draw();
        var empty = await Read(session => session.Timelines.HomeAsync(alice.Id, PageRequest.Newest(9), None));
        Assert.Empty(empty);
        early.Dispose();
        var notice = await PublishAsync(alice);

        Assert.Equal([notice.Id], await HomeAsync(alice, PageRequest.NewerThan(empty.Next, 9)));
    }

    [Fact]
    public async Task The_newest_notice_of_each_of_many_people_is_the_first_of_their_list_that_is_no_letter()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var silent = await AddLocalAsync("silent");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await SaveAsync(LocalSubscription(carol, bob));
        await PublishAsync(alice, "an older one");
        var open = await PublishAsync(alice, "a newer one");
        await PublishAsync(LocalNotice(alice, "a letter", Visibility.Direct) with { Audience = [bob.Id] });
        var repeat = await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = open.Id });
        var closed = await PublishAsync(bob, "for followers", Visibility.Followers);
        var deleted = await PublishAsync(carol, "not for long");
        await DeleteAsync(deleted.Id);
        var heard = RemoteNotice(zoe, "https://there.example/1");
        await ReceiveAsync(heard, alice);
        ProfileId[] asked = [zoe.Id, carol.Id, silent.Id, bob.Id, alice.Id];

        foreach (var viewer in new[] { alice.Id, bob.Id, carol.Id, default })
        {
            var latest = await Read(session => session.Timelines.LatestAsync(asked, viewer, None));
            foreach (var author in asked)
            {
                var page = await Read(session => session.Timelines.ProfileAsync(author, viewer, PageRequest.Newest(9), None));
                var expected = page.FirstOrDefault(entry => entry.Notice.Visibility != Visibility.Direct);
                Assert.Equal((expected?.Notice.Id, expected?.Author.Id, expected?.Repeated?.Notice.Id), Of(latest.GetValueOrDefault(author)));
            }
        }

        var asCarol = await Read(session => session.Timelines.LatestAsync(asked, carol.Id, None));
        Assert.Equal([open.Id.Value, closed.Id.Value], asCarol.Values.Select(entry => entry.Notice.Id.Value).Order());
        var asAlice = await Read(session => session.Timelines.LatestAsync(asked, alice.Id, None));
        Assert.Equal((repeat.Id, bob.Id, open.Id), Of(asAlice[bob.Id]));
        Assert.Equal((heard.Id, zoe.Id, null), Of(asAlice[zoe.Id]));
        Assert.Empty(await Read(session => session.Timelines.LatestAsync([], alice.Id, None)));

        static (NoticeId? Notice, ProfileId? Author, NoticeId? Repeated) Of(TimelineEntry? entry) => (entry?.Notice.Id, entry?.Author.Id, entry?.Repeated?.Notice.Id);
    }

    [Fact]
    public async Task The_newest_notice_is_found_behind_nearly_as_many_as_are_looked_at()
    {
        var alice = await AddLocalAsync("alice");
        var open = await PublishAsync(alice);
        for (var number = 1; number < ITimelineReader.LatestLooked; number++)
            await PublishAsync(alice, "for followers", Visibility.Followers);
        Assert.Equal(open.Id, (await Read(session => session.Timelines.LatestAsync([alice.Id], default, None)))[alice.Id].Notice.Id);
    }

    [Fact]
    public async Task The_public_timeline_holds_public_notices_of_this_node()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var shown = await PublishAsync(alice);
        await PublishAsync(alice, visibility: Visibility.Unlisted);
        await PublishAsync(alice, visibility: Visibility.Followers);
        await PublishAsync(alice, visibility: Visibility.Direct);
        var here = await PublishAsync(LocalNotice(alice) with { IsLocalOnly = true });
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/1"), alice);

        Assert.Equal([shown.Id], IdsOf(await Read(session => session.Timelines.PublicAsync(default, PageRequest.Newest(9), None))));
        Assert.Equal([here.Id, shown.Id], IdsOf(await Read(session => session.Timelines.PublicAsync(alice.Id, PageRequest.Newest(9), None))));
    }

    [Fact]
    [Trait("Clause", "OMB-137")]
    public async Task A_local_only_notice_is_nobodys_outside()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(LocalNotice(alice) with { IsLocalOnly = true, Tags = ["cats"] });

        Assert.False(notice.IsPublic);
        Assert.Null(await FindAsync(notice.Id));
        Assert.NotNull(await FindAsync(notice.Id, bob.Id));
        Assert.Empty(await Read(session => session.Timelines.TagAsync("cats", default, PageRequest.Newest(9), None)));
        Assert.Empty(await Read(session => session.Timelines.ProfileAsync(alice.Id, default, PageRequest.Newest(9), None)));
        Assert.Empty(await Read(session => session.Timelines.ConversationAsync(notice.Id, default, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task What_was_heard_stays_after_the_subscription_ended_unless_it_was_for_followers()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var subscription = await SaveAsync(LocalSubscription(bob, alice));
        var open = await PublishAsync(alice);
        var closed = await PublishAsync(alice, visibility: Visibility.Followers);
        Assert.Equal([closed.Id, open.Id], await HomeAsync(bob));

        await Write(session => session.Subscriptions.EndAsync(subscription.Id, None));

        Assert.Equal([open.Id], await HomeAsync(bob));
    }

    [Fact]
    public async Task A_block_hides_both_from_each_other_until_it_is_lifted()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var hers = await PublishAsync(LocalNotice(alice) with { Mentions = [bob.Id] });
        var his = await PublishAsync(bob);
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, bob.Uri, Clock.GetUtcNow(), None));

        Assert.Null(await FindAsync(hers.Id, bob.Id));
        Assert.Null(await FindAsync(his.Id, alice.Id));
        Assert.Empty(await Read(session => session.Timelines.MentionsAsync(bob.Id, PageRequest.Newest(9), None)));
        Assert.Equal([his.Id], IdsOf(await Read(session => session.Timelines.PublicAsync(bob.Id, PageRequest.Newest(9), None))));
        Assert.Equal([his.Id, hers.Id], IdsOf(await Read(session => session.Timelines.PublicAsync(carol.Id, PageRequest.Newest(9), None))));

        await Write(session => session.Subscriptions.UnblockAsync(alice.Id, bob.Uri, None));
        Assert.NotNull(await FindAsync(hers.Id, bob.Id));
    }

    private static bool Same((string Name, NoticeId[] Ids) one, (string Name, NoticeId[] Ids) other) =>
        one.Name == other.Name && one.Ids.SequenceEqual(other.Ids);

    private static IEnumerable<(string Name, Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> List)> Lists(
        Profile person, NoticeId conversation) =>
    [
        ("home", (lists, page) => lists.HomeAsync(person.Id, page, None)),
        ("public", (lists, page) => lists.PublicAsync(default, page, None)),
        ("profile", (lists, page) => lists.ProfileAsync(person.Id, default, page, None)),
        ("mentions", (lists, page) => lists.MentionsAsync(person.Id, page, None)),
        ("conversation", (lists, page) => lists.ConversationAsync(conversation, default, page, None)),
        ("tag", (lists, page) => lists.TagAsync("cats", default, page, None)),
    ];

    private Task<Notice> PublishEverywhereAsync(Notice notice, Profile author, NoticeId conversation) =>
        PublishAsync(notice with { Conversation = conversation, Tags = ["cats"], Mentions = [author.Id] });

    private async Task<EntryPage> ReadAsync(Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> list, PageRequest page) =>
        await Read(session => list(session.Timelines, page));

    private async Task<NoticeId[]> PageAsync(Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> list, PageRequest page) =>
        IdsOf(await Read(session => list(session.Timelines, page)));
}
