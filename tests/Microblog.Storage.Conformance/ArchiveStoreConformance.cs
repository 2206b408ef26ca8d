using Microblog.Delivery;
using Microblog.Testing;

namespace Microblog.Storage.Conformance;

/// <summary>What an archive of one person reads and writes.</summary>
public abstract class ArchiveStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task All_that_a_person_wrote_is_listed_oldest_first_whoever_may_see_it()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notices = new List<Notice>();
        foreach (var visibility in Enum.GetValues<Visibility>())
            notices.Add(await PublishAsync(LocalNotice(alice, $"{visibility}", visibility) with { Audience = visibility == Visibility.Direct ? [bob.Id] : [] }));
        notices.Add(await PublishAsync(LocalNotice(alice) with { IsLocalOnly = true }));
        await PublishAsync(bob);
        var gone = await PublishAsync(alice);
        await DeleteAsync(gone.Id);

        var page = await ListNoticesAsync(alice.Id, default, 3);
        var rest = await ListNoticesAsync(alice.Id, page[^1].Id, 3);

        Assert.Equal(notices.Select(notice => (notice.Id, notice.Content)), page.Concat(rest).Select(notice => (notice.Id, notice.Content)));
        Assert.Equal([bob.Id], rest[0].Audience);
    }

    [Fact]
    public async Task Notices_of_others_are_not_listed_as_hers_even_where_she_brought_them()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/notice/1"), alice);

        Assert.Empty(await ListNoticesAsync(alice.Id, default, 10));
        Assert.Empty(await ListNoticesAsync(zoe.Id, default, 10));
    }

    [Fact]
    public async Task Subscriptions_of_one_state_are_listed_either_way_by_number_in_pages()
    {
        var alice = await AddLocalAsync("alice");
        var (heard, hearing) = (new List<SubscriptionId>(), new List<SubscriptionId>());
        for (var i = 0; i < 3; i++)
        {
            heard.Add((await HearRemoteAsync(alice, $"zoe{i}")).Subscription.Id);
            hearing.Add((await SaveAsync(OutgoingSubscription(await AddRemoteAsync($"yan{i}", new SubscriptionId(i + 1)), alice, $"https://there.example/{i}"))).Id);
        }

        await Write(session => session.Subscriptions.EndAsync(heard[1], None));
        await SaveAsync(LocalSubscription(await AddLocalAsync("bob"), alice, SubscriptionState.Requested));

        Assert.Equal([heard[0], heard[2]], await PublishersAsync(alice, SubscriptionState.Active));
        Assert.Equal([heard[2]], await PublishersAsync(alice, SubscriptionState.Active, heard[0]));
        Assert.Equal([heard[1]], await PublishersAsync(alice, SubscriptionState.Ended));
        Assert.Equal(hearing, await SubscribersAsync(alice, SubscriptionState.Active));
        Assert.Equal([hearing[0]], await SubscribersAsync(alice, SubscriptionState.Active, default, 1));
        Assert.Equal(hearing[1..], await SubscribersAsync(alice, SubscriptionState.Active, hearing[0]));
        var first = await Read(session => session.Archive.ListSubscribersAsync(alice.Id, SubscriptionState.Active, default, 1, None));
        Assert.Equal("yan0", first[0].Other.Nickname);
    }

    [Fact]
    public async Task Blocks_are_listed_with_their_time_in_the_order_of_their_bytes()
    {
        var alice = await AddLocalAsync("alice");
        var at = Clock.GetUtcNow();
        // In UTF-16 the emoji sorts before U+FF5A, in UTF-8 behind it.
        string[] sorted = ["https://a.example/", "https://b.example/", "https://b.example/a", "tag:x,\uFF5A", "tag:x,🎈"];
        foreach (var uri in sorted.Reverse())
            await Write(session => session.Subscriptions.BlockAsync(alice.Id, ProfileUri.Parse(uri), at, None));
        await Write(session => session.Subscriptions.BlockAsync(new ProfileId(alice.Id.Value + 1), ProfileUri.Parse("https://c.example/"), at, None));

        var page = await Read(session => session.Archive.ListBlocksAsync(alice.Id, "", 2, None));
        var rest = await Read(session => session.Archive.ListBlocksAsync(alice.Id, page[^1].Blocked.Value, 10, None));

        Assert.Equal(sorted, page.Concat(rest).Select(block => block.Blocked.Value));
        Assert.All(page, block => Assert.Equal(at.ToUnixTimeMilliseconds(), block.At.ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task Mutes_in_force_are_listed_with_their_end_in_the_order_of_their_bytes()
    {
        var alice = await AddLocalAsync("alice");
        var now = Clock.GetUtcNow();
        string[] sorted = ["https://a.example/", "https://b.example/a", "tag:x,\uFF5A", "tag:x,🎈"];
        foreach (var uri in sorted.Reverse())
            await MuteAsync(uri, now + TimeSpan.FromDays(1));
        await MuteAsync("https://good.example/", null);
        await MuteAsync("https://over.example/", now + TimeSpan.FromHours(1));
        Clock.Advance(TimeSpan.FromHours(2));

        var page = await Read(session => session.Archive.ListMutesAsync(alice.Id, "", 2, None));
        var rest = await Read(session => session.Archive.ListMutesAsync(alice.Id, page[^1].Muted.Value, 10, None));

        Assert.Equal([.. sorted[..2], "https://good.example/", .. sorted[2..]], page.Concat(rest).Select(mute => mute.Muted.Value));
        Assert.Equal([false, true, false, false], rest.Select(mute => mute.Until is null).Prepend(page[0].Until is null));
        Assert.Equal(now + TimeSpan.FromDays(1), page[0].Until);

        async Task MuteAsync(string uri, DateTimeOffset? until) =>
            await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(ProfileUri.Parse(uri), now, until), None));
    }

    [Fact]
    public async Task Favourites_that_come_along_stand_in_their_order_with_the_others_whether_the_notice_is_here_or_not()
    {
        var alice = await AddLocalAsync("alice");
        var here = await PublishAsync(alice);
        var at = Past(5).AcceptedAt;
        string[] uris = ["https://b.example/1", here.Uri.Value, "https://a.example/2"];
        foreach (var uri in uris)
            Assert.True(await FavourAsync(uri, at, uri == here.Uri.Value ? here.Id : default));
        Assert.True(await FavourAsync("https://a.example/earlier", at.AddSeconds(-1)));
        // Each once.
        Assert.True(await FavourAsync(uris[0], at.AddSeconds(1)));
        Assert.True(await FavourAsync(uris[1], at.AddSeconds(1), here.Id));

        var page = await Read(session => session.Archive.ListFavouritesAsync(alice.Id, default, 2, None));
        var rest = await Read(session => session.Archive.ListFavouritesAsync(alice.Id, page[^1].Position, 9, None));

        Assert.Equal(["https://a.example/earlier", .. uris], page.Concat(rest).Select(favourite => favourite.Notice.Value));
        Assert.All(rest, favourite => Assert.Equal(at, IdSource.TimeOf(favourite.Position.Value)));
        Assert.Equal(1, (await FindAsync(here.Id))!.Notice.Counts.Favourites);

        Task<bool> FavourAsync(string uri, DateTimeOffset at, NoticeId notice = default) =>
            Write(session => session.Archive.AddFavouriteAsync(alice.Id, NoticeUri.Parse(uri), at, notice, None)).AsTask();
    }

    [Fact]
    public async Task A_favourite_that_came_along_is_one_of_the_notice_once_that_is_marked_here()
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await Write(session => session.Archive.AddFavouriteAsync(alice.Id, notice.Uri, Past(1).AcceptedAt, default, None));
        await PublishAsync(notice);
        using (var drawn = Store.Ids.Draw())
            await Write(session => session.Reactions.FavouriteAsync(alice.Id, notice.Id, drawn.Position, None));

        Assert.Equal(notice.Uri, Assert.Single(await Read(session => session.Archive.ListFavouritesAsync(alice.Id, default, 9, None))).Notice);
    }

    [Fact]
    public async Task A_millisecond_full_of_favourites_takes_no_more()
    {
        var full = await Write(async session =>
        {
            for (var i = 0; i < IdSource.PerMillisecond; i++)
                Assert.True(await session.Archive.AddFavouriteAsync(Newcomer, NoticeUri.Parse($"https://a.example/{i}"), Past(1).AcceptedAt, default, None));
            return await session.Archive.AddFavouriteAsync(Newcomer, NoticeUri.Parse("https://a.example/more"), Past(1).AcceptedAt, default, None);
        });

        Assert.False(full);
    }

    [Fact]
    public async Task An_imported_notice_keeps_its_number_and_every_field()
    {
        var bob = await AddLocalAsync("bob");
        var id = Past(5);
        var notice = Arriving(id) with
        {
            Content = "née 🎈 @bob #x",
            Visibility = Visibility.Followers,
            IsLocalOnly = true,
            ReplyToUri = "https://far.example/1",
            Conversation = Past(1),
            SeeAlso = new SeeAlso("https://more.example/", true, "image/png", Licence),
            Mentions = [bob.Id],
            Audience = [bob.Id],
            Tags = ["x"],
            Extensions = """{"a":1}""",
        };

        Assert.Equal(id, await AddAsync(notice));
        await ArriveAsync();

        var stored = Assert.Single(await ListNoticesAsync(Newcomer, default, 10));
        Assert.Equivalent(notice, stored, strict: true);
    }

    [Fact]
    public async Task A_taken_number_gives_way_to_the_first_free_one_of_its_millisecond()
    {
        var first = IdSource.FirstAt(Past(0).AcceptedAt);

        Assert.Equal(new NoticeId(first + 9), await AddAsync(Arriving(new NoticeId(first + 9), "a")));
        var second = await AddAsync(Arriving(new NoticeId(first + 9), "b"));
        var third = await AddAsync(Arriving(new NoticeId(first + 9), "c"));

        Assert.Equal([new NoticeId(first), new NoticeId(first + 1)], [second, third]);
        await ArriveAsync();
        Assert.Equal([second, third, new NoticeId(first + 9)], (await ListNoticesAsync(Newcomer, default, 10)).Select(notice => notice.Conversation));
    }

    [Fact]
    public async Task A_URI_that_is_taken_is_not_taken_again_not_even_after_its_notice_is_gone()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice);
        await DeleteAsync(notice.Id);

        Assert.True((await AddAsync(Arriving(Past(1)) with { Uri = notice.Uri })).IsNone);
        await ArriveAsync();
        Assert.Empty(await ListNoticesAsync(Newcomer, default, 10));
    }

    [Fact]
    public async Task Nobody_sees_anything_of_a_person_before_the_profile_is_there()
    {
        var bob = await AddLocalAsync("bob");
        var id = await AddAsync(Arriving(Past(1)) with { Tags = ["x"] });
        var direct = await AddAsync(Arriving(Past(2), "direct") with { Visibility = Visibility.Direct, Audience = [bob.Id] });

        foreach (var viewer in new[] { default, bob.Id, Newcomer })
        {
            Assert.Null(await FindAsync(id, viewer));
            Assert.Null(await FindAsync(direct, viewer));
            Assert.Empty(await Read(session => session.Timelines.PublicAsync(viewer, PageRequest.Newest(10), None)));
            Assert.Empty(await Read(session => session.Timelines.TagAsync("x", viewer, PageRequest.Newest(10), None)));
            Assert.Empty(await Read(session => session.Timelines.ConversationAsync(id, viewer, PageRequest.Newest(10), None)));
            Assert.Empty(await Read(session => session.Timelines.ProfileAsync(Newcomer, viewer, PageRequest.Newest(10), None)));
            Assert.Empty(await Read(session => session.Timelines.HomeAsync(viewer, PageRequest.Newest(10), None)));
        }

        var newcomer = await ArriveAsync();

        Assert.Equal(newcomer, (await FindAsync(id))!.Author);
        Assert.NotNull(await FindAsync(direct, bob.Id));
        Assert.Equal([direct, id], await HomeAsync(newcomer));
        Assert.Equal([id], IdsOf(await Read(session => session.Timelines.PublicAsync(default, PageRequest.Newest(10), None))));
    }

    [Fact]
    public async Task Nobody_is_told_of_an_imported_notice()
    {
        var bob = await AddLocalAsync("bob");
        var newcomer = LocalProfile("dora") with { Id = Newcomer };
        await AddAsync(Arriving(Past(1)) with { Mentions = [bob.Id] });
        await AddAsync(Arriving(Past(2), "direct") with { Visibility = Visibility.Direct, Audience = [bob.Id] });
        await Write(session => session.Profiles.AddLocalAsync(newcomer, "alice", None));
        await SaveAsync(LocalSubscription(bob, newcomer));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe", new SubscriptionId(7)), newcomer));
        await AddAsync(Arriving(Past(3), "third"));

        Assert.Empty(await HomeAsync(bob));
        Assert.Empty(await Read(session => session.Timelines.MentionsAsync(bob.Id, PageRequest.Newest(10), None)));
        Assert.False(await ContinueAsync());
        Assert.Empty((await LeaseAsync()).Lanes);
    }

    [Fact]
    public async Task An_imported_subscription_is_listed_and_nothing_flows_until_it_is_made_anew()
    {
        var newcomer = await ArriveAsync();
        var zoe = await AddRemoteAsync("zoe", NewSubscriptionId());
        var following = OutgoingSubscription(newcomer, zoe) with { Id = zoe.Scope, IsSubscriberLocal = true, Peer = "there.example", };
        var follower = OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), newcomer);
        await Write(session => session.Archive.AddSubscriptionAsync(following, zoe.Uri, None));
        await Write(session => session.Archive.AddSubscriptionAsync(follower, newcomer.Uri, None));
        await PublishAsync(newcomer);

        Assert.Equal([following.Id], await PublishersAsync(newcomer, SubscriptionState.Imported));
        Assert.Equal([follower.Id], await SubscribersAsync(newcomer, SubscriptionState.Imported));
        Assert.Empty(await Read(session => session.Subscriptions.ListPublishersAsync(newcomer.Id, null, 10, None)));
        Assert.Empty(await Read(session => session.Subscriptions.ListForLanesAsync([new Lane(newcomer.Id, "omb", follower.Endpoint, "there.example")], None)));
        Assert.Empty((await LeaseAsync()).Lanes);
        var stored = await Read(session => session.Subscriptions.FindAsync(newcomer.Id, zoe.Uri, "there.example", None));
        Assert.Equal((following.Id, SubscriptionState.Imported, "", "", "", 0),
            (stored!.Id, stored.State, stored.Token, stored.Endpoint, stored.ProfileEndpoint, stored.ProtectedSecret.Length));
        Assert.Equal(following.CreatedAt.ToUnixTimeMilliseconds(), stored.CreatedAt.ToUnixTimeMilliseconds());

        Assert.True(await Write(session => session.Subscriptions.EndAsync(follower.Id, None)));
        Assert.Empty(await SubscribersAsync(newcomer, SubscriptionState.Imported));
    }

    [Fact]
    public async Task What_was_brought_along_is_over_when_the_same_two_people_find_each_other_again()
    {
        var newcomer = await ArriveAsync();
        var (zoe, yan) = (await AddRemoteAsync("zoe", NewSubscriptionId()), await AddRemoteAsync("yan", NewSubscriptionId()));
        foreach (var other in new[] { zoe, yan })
        {
            await Write(session => session.Archive.AddSubscriptionAsync(
                OutgoingSubscription(newcomer, other) with { Id = other.Scope, IsSubscriberLocal = true }, other.Uri, None));
            await Write(session => session.Archive.AddSubscriptionAsync(OutgoingSubscription(other, newcomer), newcomer.Uri, None));
        }

        await HearRemoteAsync(newcomer, "zoe");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), newcomer));

        Assert.Equal([yan.Scope], await PublishersAsync(newcomer, SubscriptionState.Imported));
        var left = Assert.Single(await Read(session => session.Archive.ListSubscribersAsync(newcomer.Id, SubscriptionState.Imported, default, 10, None)));
        Assert.Equal(zoe.Uri, left.Other.Uri);
    }

    [Fact]
    public async Task A_full_millisecond_takes_no_more()
    {
        var first = IdSource.FirstAt(Past(0).AcceptedAt);
        for (var i = 0; i < IdSource.PerMillisecond; i++)
            Assert.False((await AddAsync(Arriving(new NoticeId(first + i), $"{i}"))).IsNone);

        Assert.True((await AddAsync(Arriving(new NoticeId(first), "more"))).IsNone);
        Assert.Equal(new NoticeId(first + IdSource.PerMillisecond), await AddAsync(Arriving(new NoticeId(first + IdSource.PerMillisecond), "next")));
    }

    [Fact]
    public async Task A_notice_is_found_by_number_whoever_may_see_it()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice, "hush", Visibility.Direct);

        Assert.Equal("hush", (await Read(session => session.Archive.FindNoticeAsync(notice.Id, None)))!.Content);
        await DeleteAsync(notice.Id);
        Assert.Null(await Read(session => session.Archive.FindNoticeAsync(notice.Id, None)));
    }

    [Fact]
    public async Task An_import_that_did_not_end_is_taken_back_in_turns_and_can_be_done_again()
    {
        var bob = await AddLocalAsync("bob");
        var scope = NewSubscriptionId();
        var mentioned = await AddRemoteAsync("carl", scope);
        for (var i = 0; i < 5; i++)
            await AddAsync(Arriving(Past(i), $"n{i}") with { Tags = ["x"], Mentions = [mentioned.Id, bob.Id] });
        var zoe = await AddRemoteAsync("zoe", NewSubscriptionId());
        await Write(session => session.Archive.AddSubscriptionAsync(
            OutgoingSubscription(bob, zoe) with { Id = zoe.Scope, Subscriber = Newcomer, IsSubscriberLocal = true }, zoe.Uri, None));
        await Write(session => session.Subscriptions.BlockAsync(Newcomer, bob.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.MuteAsync(Newcomer, new Mute(bob.Uri, Clock.GetUtcNow()), None));
        await Write(session => session.Archive.AddRevisionAsync(Past(0), new NoticeRevision(Clock.GetUtcNow(), "before", "", ""), None));
        var his = await PublishAsync(bob);
        foreach (var (uri, id) in new[] { (his.Uri, his.Id), (NoticeUri.Parse("https://there.example/1"), default) })
            Assert.True(await Write(session => session.Archive.AddFavouriteAsync(Newcomer, uri, Clock.GetUtcNow(), id, None)));

        Assert.True(await RemoveAsync(scope, 3));
        Assert.False(await RemoveAsync(scope, 3));

        await ArriveAsync();
        Assert.Empty(await ListNoticesAsync(Newcomer, default, 10));
        Assert.Null(await Read(session => session.Profiles.FindAsync(mentioned.Id, None)));
        Assert.Null(await Read(session => session.Profiles.FindAsync(zoe.Id, None)));
        Assert.Null(await Read(session => session.Subscriptions.FindAsync(zoe.Scope, None)));
        Assert.Empty(await Read(session => session.Archive.ListBlocksAsync(Newcomer, "", 10, None)));
        Assert.Empty(await Read(session => session.Archive.ListMutesAsync(Newcomer, "", 10, None)));
        Assert.Empty(await Read(session => session.Archive.ListFavouritesAsync(Newcomer, default, 10, None)));
        Assert.Empty(await Read(session => session.Notices.ListRevisionsAsync(Past(0), None)));
        Assert.Equal(0, (await FindAsync(his.Id))!.Notice.Counts.Favourites);
        Assert.Equal(bob, await Read(session => session.Profiles.FindAsync(bob.Id, None)));
        Assert.Empty(await Read(session => session.Timelines.TagAsync("x", default, PageRequest.Newest(10), None)));
        for (var i = 0; i < 5; i++)
            Assert.Equal(Past(i), await AddAsync(Arriving(Past(i), $"n{i}")));
    }

    [Fact]
    public async Task Of_a_person_who_is_there_nothing_is_taken_back()
    {
        await AddAsync(Arriving(Past(1)));
        var newcomer = await ArriveAsync();

        Assert.False(await RemoveAsync(default, 10));

        Assert.Single(await ListNoticesAsync(newcomer.Id, default, 10));
    }

    // Nobody has drawn this number.
    private static ProfileId Newcomer => new(IdSource.FirstAt(new DateTimeOffset(2009, 1, 1, 0, 0, 0, TimeSpan.Zero)) + 77);

    private static NoticeId Past(int second) => new(IdSource.FirstAt(new DateTimeOffset(2010, 1, 1, 0, 0, second, TimeSpan.Zero)) + 3);

    private static Notice Arriving(NoticeId id, string name = "1") => new()
    {
        Id = id,
        Uri = NoticeUri.Parse($"https://old.example/notice/{name}"),
        Author = Newcomer,
        Content = "from before",
        Url = $"https://old.example/notice/{name}",
        License = Licence,
        Conversation = id,
    };

    private Task<NoticeId> AddAsync(Notice notice) => Write(session => session.Archive.AddNoticeAsync(notice, None)).AsTask();

    private Task<bool> RemoveAsync(SubscriptionId scope, int count) =>
        Write(session => session.Archive.RemoveAsync(Newcomer, scope, count, None)).AsTask();

    private async Task<Profile> ArriveAsync()
    {
        var profile = LocalProfile("dora") with { Id = Newcomer };
        Assert.Equal(AddProfileResult.Added, await Write(session => session.Profiles.AddLocalAsync(profile, "subject-dora", None)));
        return profile;
    }

    private Task<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count) =>
        Read(session => session.Archive.ListNoticesAsync(author, after, count, None)).AsTask();

    private async Task<SubscriptionId[]> PublishersAsync(Profile person, SubscriptionState state, SubscriptionId after = default) =>
        [.. (await Read(session => session.Archive.ListPublishersAsync(person.Id, state, after, 10, None))).Select(entry => entry.Subscription.Id)];

    private async Task<SubscriptionId[]> SubscribersAsync(Profile person, SubscriptionState state, SubscriptionId after = default, int count = 10) =>
        [.. (await Read(session => session.Archive.ListSubscribersAsync(person.Id, state, after, count, None))).Select(entry => entry.Subscription.Id)];
}
