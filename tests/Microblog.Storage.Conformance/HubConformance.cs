using Microblog.Delivery;
using Microblog.WebSub;

namespace Microblog.Storage.Conformance;

public abstract class HubConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    private static readonly HubLimits Limits = new(9, 9, 9, 9);

    [Fact]
    public async Task A_subscription_is_found_as_it_was_saved_by_topic_and_callback_byte_for_byte()
    {
        var saved = List("https://here.example/feed.atom", "https://there.example/hook?a=1") with
        {
            Network = "2001:db8::/64", ProtectedSecret = new byte[] { 1, 0, 255 }, Position = new TimelinePosition(7), IsWoken = true,
        };
        Assert.True(await SaveAsync(saved));

        var found = (await FindAsync(saved))!;
        Assert.Equal(saved.ProtectedSecret.ToArray(), found.ProtectedSecret.ToArray());
        Assert.Equal(saved, found with { ProtectedSecret = saved.ProtectedSecret });
        Assert.Null(await FindAsync(saved with { Topic = "https://here.example/feed.ATOM" }));
        Assert.Null(await FindAsync(saved with { Callback = saved.Callback + " " }));
    }

    [Fact]
    public async Task The_longest_addresses_fit()
    {
        var alice = await AddLocalAsync("alice");
        var longest = Of(alice, LongAddress(1)[..HubSubscription.MaxAddressLength], LongAddress(2)[..HubSubscription.MaxAddressLength]);
        Assert.True(await SaveAsync(longest));
        Assert.NotNull(await FindAsync(longest));
        Assert.True(await EndAsync(longest));
    }

    [Fact]
    public async Task A_renewal_replaces_secret_network_and_end_and_keeps_what_was_sent()
    {
        var first = List("t", "https://a.example/") with { Position = new TimelinePosition(5), ProtectedSecret = new byte[] { 1 } };
        await SaveAsync(first);
        await Write(session => session.Hub.MarkAsync("t", first.Callback, new TimelinePosition(8), true, None));

        var renewed = first with { Network = "new", ProtectedSecret = new byte[] { 2 }, Expires = first.Expires + TimeSpan.FromDays(1), Position = new TimelinePosition(1) };
        Assert.True(await Write(session => session.Hub.SaveAsync(renewed, new HubLimits(1, 1, 1, 1), None)));

        var found = (await FindAsync(first))!;
        Assert.Equal([2], found.ProtectedSecret.ToArray());
        Assert.Equal(renewed with { Position = new TimelinePosition(8), IsWoken = true, ProtectedSecret = found.ProtectedSecret }, found);
    }

    [Fact]
    public async Task What_is_marked_is_no_other_subscription_and_one_that_is_not_there_stays_so()
    {
        var (one, other) = (List("t", "https://a.example/"), List("t", "https://b.example/"));
        await SaveAsync(one);
        await SaveAsync(other);
        await Write(session => session.Hub.MarkAsync("t", one.Callback, new TimelinePosition(3), true, None));
        await Write(session => session.Hub.MarkAsync("u", one.Callback, new TimelinePosition(3), true, None));
        Assert.Equal((3, true), ((await FindAsync(one))!.Position.Value, (await FindAsync(one))!.IsWoken));
        Assert.Equal((0, false), ((await FindAsync(other))!.Position.Value, (await FindAsync(other))!.IsWoken));
        Assert.Null(await FindAsync(one with { Topic = "u" }));
    }

    [Fact]
    public async Task A_subscription_to_a_person_has_a_lane_that_begins_with_their_next_event_and_ends_with_it()
    {
        var alice = await AddLocalAsync("alice");
        await EnqueueAsync(alice);
        var subscription = Of(alice, "https://here.example/alice/feed.atom", "https://there.example/hook");
        await SaveAsync(subscription);
        Assert.Empty((await LeaseAsync()).Lanes);
        await EnqueueAsync(alice);
        // Renewed, the lane goes on where it stands.
        await SaveAsync(subscription);

        var lease = await LeaseAsync();
        var leased = Assert.Single(lease.Lanes);
        Assert.Equal(new Lane(alice.Id, "websub", "https://there.example/hook#https://here.example/alice/feed.atom", "there.example"), leased.Lane);
        Assert.Single(leased.Events);

        Assert.True(await EndAsync(subscription));
        Assert.False(await EndAsync(subscription));
        Assert.Null(await FindAsync(subscription));
        Assert.Equal(0, await Write(session => session.Deliveries.SettleAsync(
            [new LaneSettlement(lease.Token, leased.Id, leased.Events[0].Number, [], null, "", false)], None)));
        await EnqueueAsync(alice);
        Assert.Empty((await LeaseAsync()).Lanes);
    }

    [Fact]
    public async Task The_subscriptions_to_some_topics_are_listed_whosever_they_are_and_no_others()
    {
        var alice = await AddLocalAsync("alice");
        HubSubscription[] wanted = [List("t", "https://a.example/"), List("t", "https://b.example/"), Of(alice, "u", "https://a.example/")];
        foreach (var subscription in wanted.Append(List("T", "https://a.example/")).Append(List("v", "https://a.example/")))
            await SaveAsync(subscription);

        var found = await Read(session => session.Hub.ListAsync(["u", "t", "nobody's", "t"], None));
        Assert.Equal(KeysOf(wanted).Order(), KeysOf(found).Order());
        Assert.Equal(alice.Id, found.Single(subscription => subscription.Topic == "u").Author);
        Assert.Empty(await Read(session => session.Hub.ListAsync([], None)));
    }

    [Fact]
    public async Task A_list_has_no_lane_until_something_is_put_into_it_and_what_waits_there_goes_with_the_subscription()
    {
        var list = List("https://here.example/feed.atom", "https://there.example/hook");
        await SaveAsync(list);
        Assert.True(await WakeAsync(list));
        Assert.Single((await LeaseAsync()).Lanes);
        await EndAsync(list);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await LeaseAsync()).Lanes);
        Assert.Equal(0, (await Read(session => session.Deliveries.MeasureAsync(None))).Lanes);
    }

    [Fact]
    public async Task Each_limit_holds_and_a_renewal_has_room()
    {
        var alice = await AddLocalAsync("alice");
        var first = Of(alice, "t1", "https://a.example/1") with { Network = "n1" };
        await SaveAsync(first);
        foreach (var (more, limits) in new[]
        {
            (Of(alice, "t1", "https://b.example/") with { Network = "n2" }, Limits with { PerTopic = 1 }),
            (Of(alice, "t2", "https://a.example/2") with { Network = "n2" }, Limits with { PerHost = 1 }),
            (Of(alice, "t2", "https://b.example/") with { Network = "n1" }, Limits with { PerNetwork = 1 }),
        })
        {
            Assert.False(await Write(session => session.Hub.SaveAsync(more, limits, None)));
            Assert.Null(await FindAsync(more));
            Assert.True(await Write(session => session.Hub.SaveAsync(first, limits, None)));
            Assert.True(await Write(session => session.Hub.SaveAsync(more, new HubLimits(2, 2, 2, 0), None)));
            await EndAsync(more);
        }

        await SaveAsync(List("t3", "https://c.example/"));
        Assert.False(await Write(session => session.Hub.SaveAsync(List("t4", "https://d.example/"), Limits with { OfLists = 1 }, None)));
    }

    [Fact]
    public async Task Of_many_at_once_no_more_are_taken_than_there_is_room_for()
    {
        var alice = await AddLocalAsync("alice");
        var taken = await AtOnceAsync(12, number => Write(session => session.Hub.SaveAsync(
            Of(alice, "t", $"https://h{number}.example/") with { Network = $"{number}" }, Limits with { PerTopic = 3 }, None)));
        Assert.Equal(3, taken.Count(did => did));
    }

    [Fact]
    public async Task Lists_are_listed_by_topic_and_callback_and_no_persons_feed_is_among_them()
    {
        await SaveAsync(Of(await AddLocalAsync("alice"), "a", "https://a.example/"));
        var lists = new[] { List("B", "https://b.example/"), List("b", "https://B.example/"), List("b", "https://b.example/") };
        foreach (var list in lists.Reverse())
            await SaveAsync(list);

        Assert.Equal(KeysOf(lists), KeysOf(await Read(session => session.Hub.ListOfListsAsync(null, 9, None))));
        Assert.Equal(KeysOf(lists[..2]), KeysOf(await Read(session => session.Hub.ListOfListsAsync(null, 2, None))));
        Assert.Equal(KeysOf(lists[2..]), KeysOf(await Read(session => session.Hub.ListOfListsAsync(lists[1], 2, None))));
    }

    [Fact]
    public async Task Those_that_have_expired_end_with_their_lanes_the_first_first_and_no_others()
    {
        var alice = await AddLocalAsync("alice");
        var now = Clock.GetUtcNow();
        var (first, second, later) = (Of(alice, "t", "https://a.example/"), Of(alice, "t", "https://b.example/"), Of(alice, "t", "https://c.example/"));
        await SaveAsync(second with { Expires = now + TimeSpan.FromSeconds(2) });
        await SaveAsync(first with { Expires = now + TimeSpan.FromSeconds(1) });
        await SaveAsync(later with { Expires = now + TimeSpan.FromSeconds(3) });

        Assert.Equal(0, await EndExpiredAsync(now, 9));
        Assert.Equal(1, await EndExpiredAsync(now + TimeSpan.FromSeconds(2), 1));
        Assert.Null(await FindAsync(first));
        Assert.Equal(1, await EndExpiredAsync(now + TimeSpan.FromSeconds(2), 9));
        Assert.Null(await FindAsync(second));
        Assert.NotNull(await FindAsync(later));
        await EnqueueAsync(alice);
        Assert.Equal(later.Lane, Assert.Single((await LeaseAsync()).Lanes).Lane);
    }

    private static HubSubscription List(string topic, string callback) =>
        new() { Topic = topic, Callback = callback, Expires = DateTimeOffset.UnixEpoch.AddYears(60) };

    private static HubSubscription Of(Profile author, string topic, string callback) => List(topic, callback) with { Author = author.Id };

    private static IEnumerable<(string Topic, string Callback)> KeysOf(IEnumerable<HubSubscription> list) => list.Select(found => (found.Topic, found.Callback));

    private ValueTask<bool> SaveAsync(HubSubscription subscription) => Write(session => session.Hub.SaveAsync(subscription, Limits, None));

    private ValueTask<bool> EndAsync(HubSubscription subscription) => Write(session => session.Hub.EndAsync(subscription.Topic, subscription.Callback, None));

    private ValueTask<int> EndExpiredAsync(DateTimeOffset now, int count) => Write(session => session.Hub.EndExpiredAsync(now, count, None));

    private ValueTask<HubSubscription?> FindAsync(HubSubscription subscription) =>
        Read(session => session.Hub.FindAsync(subscription.Topic, subscription.Callback, None));

    private ValueTask<bool> WakeAsync(HubSubscription list) => Write(session => session.Deliveries.EnqueueForAsync(
        list.Lane, new DeliveryEvent { Author = default, Kind = DeliveryEventKind.Lookup }, 9, None));

    private async Task EnqueueAsync(Profile author) => await Write(session => session.Deliveries.EnqueueAsync(
        new DeliveryEvent { Author = author.Id, Kind = DeliveryEventKind.Notice, Notice = NewNoticeId() }, None));
}
