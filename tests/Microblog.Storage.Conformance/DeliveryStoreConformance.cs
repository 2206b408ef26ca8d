using Microblog.Delivery;

namespace Microblog.Storage.Conformance;

public abstract class DeliveryStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_lane_delivers_its_authors_events_in_order_and_comes_to_rest()
    {
        var (alice, lane) = await OpenLaneAsync();
        var notices = new[] { await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice) };

        var lease = await LeaseAsync(perLane: 2);
        var leased = Assert.Single(lease.Lanes);
        Assert.Equal(new Lane(alice.Id, "omb", lane.Endpoint, "there.example"), leased.Lane);
        Assert.Equal([notices[0].Id, notices[1].Id], leased.Events.Select(item => item.Notice));
        Assert.Equal((0, null), (leased.Attempts, leased.FailingSince));
        Assert.Empty((await LeaseAsync()).Lanes);

        Assert.True(await SettleAsync(lease, leased));
        var rest = await LeaseAsync();
        Assert.Equal([notices[2].Id], Assert.Single(rest.Lanes).Events.Select(item => item.Notice));
        Assert.True(await SettleAsync(rest, rest.Lanes[0]));

        var nothing = await LeaseAsync();
        Assert.Empty(nothing.Lanes);
        Assert.Null(nothing.NextDue);
        Assert.Equal(new QueueDepth(0, 0, null, null), await MeasureAsync());
    }

    [Fact]
    public async Task A_lane_begins_with_the_next_event_and_a_requested_subscription_opens_none()
    {
        var alice = await AddLocalAsync("alice");
        await EnqueueNoticeAsync(alice);
        var zoe = await AddRemoteAsync("zoe");
        var subscription = await SaveAsync(OutgoingSubscription(zoe, alice) with { State = SubscriptionState.Requested });
        await EnqueueNoticeAsync(alice);
        Assert.Empty((await LeaseAsync()).Lanes);

        await SaveAsync(subscription with { State = SubscriptionState.Active });
        Assert.Empty((await LeaseAsync()).Lanes);
        var notice = await EnqueueNoticeAsync(alice);

        Assert.Equal([notice.Id], Assert.Single((await LeaseAsync()).Lanes).Events.Select(item => item.Notice));
    }

    [Fact]
    [Trait("Clause", "OMB-131")]
    public async Task Two_listeners_at_one_endpoint_share_a_lane_which_closes_with_the_last_of_them()
    {
        var alice = await AddLocalAsync("alice");
        var first = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("x"), alice));
        var second = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("y"), alice));
        await EnqueueNoticeAsync(alice);

        await Write(session => session.Subscriptions.EndAsync(first.Id, None));
        var lease = await LeaseAsync();
        Assert.Single(lease.Lanes);
        await Write(session => session.Subscriptions.EndAsync(second.Id, None));

        Assert.False(await SettleAsync(lease, lease.Lanes[0]));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await LeaseAsync()).Lanes);
        await EnqueueNoticeAsync(alice);
        Assert.Empty((await LeaseAsync()).Lanes);
    }

    [Fact]
    public async Task A_changed_endpoint_takes_along_what_waits()
    {
        var alice = await AddLocalAsync("alice");
        var subscription = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("x"), alice));
        var waits = await EnqueueNoticeAsync(alice);
        await SaveAsync(subscription with { Endpoint = "https://new.example/post" });
        var notice = await EnqueueNoticeAsync(alice);

        var leased = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal(("https://new.example/post", "new.example"), (leased.Lane.Endpoint, leased.Lane.Destination));
        Assert.Equal([waits.Id, notice.Id], leased.Events.Select(item => item.Notice));
    }

    [Fact]
    public async Task A_lost_lease_settles_nothing()
    {
        var (alice, _) = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        var lost = await LeaseAsync();
        Assert.Empty((await LeaseAsync()).Lanes);

        Clock.Advance(TimeSpan.FromMinutes(1));
        var mine = await LeaseAsync();
        Assert.Single(mine.Lanes);
        Assert.NotEqual(lost.Token, mine.Token);

        Assert.False(await SettleAsync(lost, lost.Lanes[0]));
        Assert.True(await SettleAsync(mine, mine.Lanes[0], through: 0, retryAfter: TimeSpan.FromMinutes(5)));
        Assert.False(await SettleAsync(mine, mine.Lanes[0]));
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(lost.Lanes[0].Events, Assert.Single((await LeaseAsync()).Lanes).Events);
    }

    [Fact]
    public async Task An_expired_lease_that_nobody_took_still_settles()
    {
        var (alice, _) = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.True(await SettleAsync(lease, lease.Lanes[0]));
        Assert.Empty((await LeaseAsync()).Lanes);
    }

    [Fact]
    public async Task A_failed_lane_waits_until_its_time_and_counts_its_failures()
    {
        var (alice, _) = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        await EnqueueNoticeAsync(alice);
        var began = Clock.GetUtcNow();
        var lease = await LeaseAsync();
        await SettleAsync(lease, lease.Lanes[0], through: 0, retryAfter: TimeSpan.FromMinutes(5));

        var early = await LeaseAsync();
        Assert.Empty(early.Lanes);
        Assert.Equal(began.AddMinutes(5), early.NextDue);
        var status = Assert.Single(await Read(session => session.Deliveries.ListWaitingAsync(10, None)));
        Assert.Equal((2, 1, began, began.AddMinutes(5), "no answer"), (status.Waiting, status.Attempts, status.FailingSince, status.NextAttempt, status.Failure));
        Assert.Equal(began, status.OldestSince);
        Assert.Equal(status, await Read(session => session.Deliveries.FindLaneAsync(status.Id, None)));

        Clock.Advance(TimeSpan.FromMinutes(5));
        var again = await LeaseAsync();
        Assert.Equal((1, (DateTimeOffset?)began), (again.Lanes[0].Attempts, again.Lanes[0].FailingSince));
        await SettleAsync(again, again.Lanes[0], through: again.Lanes[0].Events[0].Number, retryAfter: TimeSpan.FromMinutes(5));
        Clock.Advance(TimeSpan.FromMinutes(5));
        var third = await LeaseAsync();
        Assert.Equal((1, (DateTimeOffset?)began.AddMinutes(5)), (third.Lanes[0].Attempts, third.Lanes[0].FailingSince));
        Assert.Equal(again.Lanes[0].Events[1], Assert.Single(third.Lanes[0].Events));
    }

    [Fact]
    public async Task Of_one_destination_only_so_many_lanes_are_out_at_once()
    {
        for (var number = 0; number < 5; number++)
            await EnqueueNoticeAsync((await OpenLaneAsync($"a{number}")).Author);
        await EnqueueNoticeAsync((await OpenLaneAsync("other", "https://other.example/post")).Author);

        var lease = await LeaseAsync(perDestination: 2);
        Assert.Equal(["other.example", "there.example", "there.example"], lease.Lanes.Select(lane => lane.Lane.Destination).Order());
        Assert.Equal(Clock.GetUtcNow().AddMinutes(1), lease.NextDue);
        Assert.Empty((await LeaseAsync(perDestination: 2)).Lanes);
        Assert.Single((await LeaseAsync(perDestination: 3)).Lanes);

        await SettleAsync(lease, lease.Lanes.First(lane => lane.Lane.Destination == "there.example"));
        Assert.Single((await LeaseAsync(perDestination: 3)).Lanes);
    }

    [Fact]
    public async Task The_longest_waiting_goes_first_and_the_rest_is_due_at_once()
    {
        var (first, _) = await OpenLaneAsync("first", "https://first.example/post");
        var (second, _) = await OpenLaneAsync("second", "https://second.example/post");
        await EnqueueNoticeAsync(second);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await EnqueueNoticeAsync(first);

        var lease = await LeaseAsync(lanes: 1);
        Assert.Equal("second.example", Assert.Single(lease.Lanes).Lane.Destination);
        Assert.Equal(Clock.GetUtcNow(), lease.NextDue);
        Assert.Equal("first.example", Assert.Single((await LeaseAsync(lanes: 1)).Lanes).Lane.Destination);
    }

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task A_failing_destination_is_asked_apart_one_lane_at_a_time_until_one_succeeds()
    {
        for (var number = 0; number < 3; number++)
            await EnqueueNoticeAsync((await OpenLaneAsync($"a{number}")).Author);
        var (well, _) = await OpenLaneAsync("well", "https://well.example/post");
        var lease = await LeaseAsync(lanes: 1);
        await SettleAsync(lease, lease.Lanes[0], through: 0, retryAfter: TimeSpan.FromMinutes(5), isDestinationFailing: true);
        await EnqueueNoticeAsync(well);

        Assert.Equal("well.example", Assert.Single((await LeaseAsync()).Lanes).Lane.Destination);
        Assert.Empty((await LeaseAsync(failing: true)).Lanes);
        Assert.Equal(1, (await MeasureAsync()).FailingDestinations);

        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain((await LeaseAsync()).Lanes, lane => lane.Lane.Destination == "there.example");
        var probe = await LeaseAsync(failing: true);
        Assert.Single(probe.Lanes);
        Assert.Empty((await LeaseAsync(failing: true)).Lanes);

        await SettleAsync(probe, probe.Lanes[0]);
        Assert.Equal(0, (await MeasureAsync()).FailingDestinations);
        Assert.Equal(2, (await LeaseAsync()).Lanes.Count(lane => lane.Lane.Destination == "there.example"));
    }

    [Fact]
    public async Task Of_profile_changes_only_the_last_waits()
    {
        var (alice, _) = await OpenLaneAsync();
        await EnqueueProfileAsync(alice, "one");
        var notice = await EnqueueNoticeAsync(alice);
        await EnqueueProfileAsync(alice, "two");

        var events = Assert.Single((await LeaseAsync()).Lanes).Events;
        Assert.Equal([DeliveryEventKind.Notice, DeliveryEventKind.Profile], events.Select(item => item.Kind));
        Assert.Equal((notice.Id, "two"), (events[0].Notice, events[1].Data));
        Assert.True(events[0].Number < events[1].Number);
    }

    [Fact]
    public async Task A_deleted_notice_is_not_sent()
    {
        var (alice, _) = await OpenLaneAsync();
        var gone = await EnqueueNoticeAsync(alice);
        await DeleteAsync(gone.Id);
        var nothing = await LeaseAsync();
        Assert.Empty(nothing.Lanes);
        Assert.Null(nothing.NextDue);

        var also = await EnqueueNoticeAsync(alice);
        var stays = await EnqueueNoticeAsync(alice);
        await DeleteAsync(also.Id);
        Assert.Equal([stays.Id], Assert.Single((await LeaseAsync()).Lanes).Events.Select(item => item.Notice));
    }

    [Fact]
    public async Task A_refused_delivery_is_kept_and_can_be_put_back_into_its_lane()
    {
        var (alice, lane) = await OpenLaneAsync();
        var notice = await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        var item = lease.Lanes[0].Events[0];
        await RefuseAsync(lease, lease.Lanes[0], "too long");

        var failed = Assert.Single(await Read(session => session.Deliveries.ListFailedAsync(10, None)));
        Assert.Equal((lane.Endpoint, item, Clock.GetUtcNow(), "too long"), (failed.Lane.Endpoint, failed.Event, failed.At, failed.Reason));
        Assert.Equal(failed, await Read(session => session.Deliveries.FindFailedAsync(failed.Id, None)));
        Assert.Null(await Read(session => session.Deliveries.FindFailedAsync(failed.Id + 1, None)));
        Assert.Empty((await LeaseAsync()).Lanes);

        Assert.True(await Write(session => session.Deliveries.RetryAsync(failed.Id, None)));
        Assert.Null(await Read(session => session.Deliveries.FindFailedAsync(failed.Id, None)));
        Assert.False(await Write(session => session.Deliveries.RetryAsync(failed.Id, None)));
        Assert.Empty(await Read(session => session.Deliveries.ListFailedAsync(10, None)));
        var later = await EnqueueNoticeAsync(alice);
        Assert.Equal([notice.Id, later.Id], Assert.Single((await LeaseAsync()).Lanes).Events.Select(next => next.Notice));
    }

    [Fact]
    public async Task A_refused_delivery_whose_lane_or_notice_is_gone_is_not_retried()
    {
        var (alice, lane) = await OpenLaneAsync();
        var notice = await EnqueueNoticeAsync(alice);
        await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        await RefuseAsync(lease, lease.Lanes[0]);

        await DeleteAsync(notice.Id);
        var failed = Assert.Single(await Read(session => session.Deliveries.ListFailedAsync(10, None)));
        await Write(session => session.Subscriptions.EndAsync(lane.Id, None));
        Assert.False(await Write(session => session.Deliveries.RetryAsync(failed.Id, None)));
    }

    [Fact]
    [Trait("Clause", "OMB-67")]
    public async Task Events_for_one_lane_alone_are_bounded_per_destination_and_close_the_lane_they_opened()
    {
        var alice = await AddLocalAsync("alice");
        var lane = new Lane(alice.Id, "origin", "https://there.example/notice/1", "there.example");
        var item = new DeliveryEvent { Author = alice.Id, Kind = DeliveryEventKind.Lookup, Notice = new NoticeId(9), Data = "x" };

        Assert.True(await EnqueueForAsync(lane, item, 2));
        Assert.True(await EnqueueForAsync(lane with { Endpoint = "https://there.example/notice/2" }, item, 2));
        Assert.False(await EnqueueForAsync(lane with { Endpoint = "https://there.example/notice/3" }, item, 2));
        Assert.True(await EnqueueForAsync(lane with { Destination = "other.example", Endpoint = "https://other.example/" }, item, 2));
        await EnqueueNoticeAsync(alice);

        var lease = await LeaseAsync();
        Assert.Equal(3, lease.Lanes.Count);
        foreach (var leased in lease.Lanes)
        {
            Assert.Equal([item with { Number = leased.Events[0].Number }], leased.Events);
            await SettleAsync(lease, leased);
        }

        Assert.Empty((await LeaseAsync()).Lanes);
        Assert.True(await EnqueueForAsync(lane, item, 1));
    }

    [Fact]
    public async Task A_lane_opened_for_one_event_follows_the_log_once_somebody_subscribes()
    {
        var (alice, other) = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        var endpoint = "https://there.example/second";
        var item = new DeliveryEvent { Author = alice.Id, Kind = DeliveryEventKind.Lookup };
        await EnqueueForAsync(new Lane(alice.Id, "omb", endpoint, "there.example"), item, 9);
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("second"), alice, endpoint));
        var next = await EnqueueNoticeAsync(alice);

        var leased = (await LeaseAsync()).Lanes.Single(lane => lane.Lane.Endpoint == endpoint);
        Assert.Equal([DeliveryEventKind.Lookup, DeliveryEventKind.Notice], leased.Events.Select(waiting => waiting.Kind));
        Assert.Equal(next.Id, leased.Events[1].Notice);
        Assert.NotEqual(endpoint, other.Endpoint);
    }

    [Fact]
    public async Task Lanes_beyond_the_first_are_woken_by_the_job()
    {
        var alice = await AddLocalAsync("alice");
        for (var number = 0; number < 350; number++)
            await SaveAsync(OutgoingSubscription(await AddRemoteAsync($"r{number}"), alice, $"https://h{number}.example/post"));
        await EnqueueNoticeAsync(alice);

        Assert.Equal(200, (await MeasureAsync()).Lanes);
        Assert.True(await ContinueAsync());
        Assert.Equal(300, (await MeasureAsync()).Lanes);
        Assert.False(await ContinueAsync());
        Assert.Equal(350, (await MeasureAsync()).Lanes);
        Assert.Equal(350, (await LeaseAsync(lanes: 1000)).Lanes.Count);
        Assert.False(await ContinueAsync());
    }

    [Fact]
    public async Task One_step_of_the_job_wakes_lanes_of_many_authors_and_reaches_followers_with_what_is_left()
    {
        var authors = new[] { await AddLocalAsync("alice"), await AddLocalAsync("carol") };
        foreach (var author in authors)
        {
            for (var number = 0; number < 230; number++)
            {
                var listener = await AddRemoteAsync($"r{number}-{author.Nickname}");
                await SaveAsync(OutgoingSubscription(listener, author, $"https://h{number}.{author.Nickname}.example/post"));
            }

            await EnqueueNoticeAsync(author);
        }

        var bob = await AddLocalAsync("bob");
        var followers = new List<Profile>();
        for (var number = 0; number < 250; number++)
        {
            followers.Add(await AddLocalAsync($"f{number}"));
            await SaveAsync(LocalSubscription(followers[^1], bob));
        }

        await PublishAsync(bob);
        Assert.Equal(400, (await MeasureAsync()).Lanes);

        Assert.True(await ContinueAsync());

        Assert.Equal(460, (await MeasureAsync()).Lanes);
        // 100 rows less 60 lanes leave 40 followers after the first 200.
        Assert.Single(await HomeAsync(followers[239]));
        Assert.Empty(await HomeAsync(followers[240]));
        Assert.False(await ContinueAsync());
        Assert.Single(await HomeAsync(followers[^1]));
    }

    [Fact]
    public async Task Events_are_pruned_once_every_lane_has_passed_them()
    {
        var (alice, _) = await OpenLaneAsync();
        var second = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("slow"), alice, "https://slow.example/post"));
        for (var number = 0; number < 3; number++)
            await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        await SettleAsync(lease, lease.Lanes.Single(lane => lane.Lane.Destination == "there.example"));
        Assert.Equal(0, await PruneAsync(10));

        await SettleAsync(lease, lease.Lanes.Single(lane => lane.Lane.Destination == "slow.example"), through: lease.Lanes[0].Events[1].Number);
        Assert.Equal(1, await PruneAsync(1));
        Assert.Equal(1, await PruneAsync(10));
        Assert.Equal(0, await PruneAsync(10));
        await Write(session => session.Subscriptions.EndAsync(second.Id, None));
        Assert.Equal(1, await PruneAsync(10));
    }

    [Fact]
    public async Task The_queue_lists_the_longest_failing_first_and_says_since_when_it_waits()
    {
        var (first, _) = await OpenLaneAsync("first", "https://first.example/post");
        var (second, _) = await OpenLaneAsync("second", "https://second.example/post");
        var (third, _) = await OpenLaneAsync("third", "https://third.example/post");
        var began = Clock.GetUtcNow();
        await EnqueueNoticeAsync(third);
        foreach (var author in new[] { second, first })
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await EnqueueNoticeAsync(author);
            var lease = await LeaseAsync();
            var mine = lease.Lanes.Single(lane => lane.Lane.Author == author.Id);
            await SettleAsync(lease, mine, through: 0, retryAfter: TimeSpan.FromHours(1));
        }

        var waiting = await Read(session => session.Deliveries.ListWaitingAsync(10, None));
        Assert.Equal(["second.example", "first.example", "third.example"], waiting.Select(status => status.Lane.Destination));
        Assert.Equal(["second.example"], (await Read(session => session.Deliveries.ListWaitingAsync(1, None))).Select(status => status.Lane.Destination));
        Assert.Equal(new QueueDepth(3, 0, began, null), await MeasureAsync());
    }

    [Fact]
    public async Task A_lane_is_found_by_its_number_with_what_waits_in_it_and_also_at_rest()
    {
        var (alice, lane) = await OpenLaneAsync();
        var notices = new[] { await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice) };
        var lease = await LeaseAsync(perLane: 1);
        var id = lease.Lanes[0].Id;
        Assert.True(await SettleAsync(lease, lease.Lanes[0]));

        var waiting = await Read(session => session.Deliveries.ListEventsAsync(id, 10, None));
        Assert.Equal([notices[1].Id, notices[2].Id], waiting.Select(item => item.Notice));
        Assert.Equal([notices[1].Id], (await Read(session => session.Deliveries.ListEventsAsync(id, 1, None))).Select(item => item.Notice));

        lease = await LeaseAsync();
        Assert.True(await SettleAsync(lease, lease.Lanes[0]));
        var status = (await Read(session => session.Deliveries.FindLaneAsync(id, None)))!;
        Assert.Equal((lane.Endpoint, 0, null, null), (status.Lane.Endpoint, status.Waiting, status.OldestSince, status.FailingSince));
        Assert.Empty(await Read(session => session.Deliveries.ListEventsAsync(id, 10, None)));

        foreach (var unknown in new[] { 0, id + 1_000 })
        {
            Assert.Null(await Read(session => session.Deliveries.FindLaneAsync(unknown, None)));
            Assert.Empty(await Read(session => session.Deliveries.ListEventsAsync(unknown, 10, None)));
        }
    }

    private async Task<(Profile Author, Subscription Subscription)> OpenLaneAsync(
        string nickname = "alice", string endpoint = "https://there.example/post")
    {
        var author = await AddLocalAsync(nickname);
        return (author, await SaveAsync(OutgoingSubscription(await AddRemoteAsync("of" + nickname), author, endpoint)));
    }

    private Task<Notice> EnqueueNoticeAsync(Profile author)
    {
        var notice = LocalNotice(author);
        return Write(async session =>
        {
            await session.Notices.PublishAsync(notice, None);
            await session.Deliveries.EnqueueAsync(EventOf(notice), None);
            return notice;
        }).AsTask();
    }

    private Task<bool> EnqueueProfileAsync(Profile author, string data) => Write(session => session.Deliveries.EnqueueAsync(
        new DeliveryEvent { Author = author.Id, Kind = DeliveryEventKind.Profile, Data = data }, None)).AsTask();

    private Task<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit) =>
        Write(session => session.Deliveries.EnqueueForAsync(lane, item, limit, None)).AsTask();

    private async Task<bool> SettleAsync(
        Lease lease, LeasedLane lane, long? through = null, TimeSpan? retryAfter = null, bool isDestinationFailing = false, bool isReleased = false) =>
        await SettleAsync(new LaneSettlement(
            lease.Token, lane.Id, through ?? lane.Events[^1].Number, [], Clock.GetUtcNow() + retryAfter, retryAfter is null ? "" : "no answer",
            isDestinationFailing, isReleased)) == 1;

    private Task<int> SettleAsync(params LaneSettlement[] settlements) =>
        Write(session => session.Deliveries.SettleAsync(settlements, None)).AsTask();

    private async Task RefuseAsync(Lease lease, LeasedLane lane, string reason = "no") => Assert.Equal(1, await SettleAsync(new LaneSettlement(
        lease.Token, lane.Id, lane.Events[^1].Number, [.. lane.Events.Select(item => new RefusedDelivery(item.Number, reason))], null, "", false)));

    private Task<int> PruneAsync(int count) => Write(session => session.Deliveries.PruneAsync(count, None)).AsTask();

    private Task<QueueDepth> MeasureAsync() => Read(session => session.Deliveries.MeasureAsync(None)).AsTask();
}
