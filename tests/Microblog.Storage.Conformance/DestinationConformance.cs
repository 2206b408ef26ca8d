using Microblog.Delivery;

namespace Microblog.Storage.Conformance;

/// <summary>Settling many lanes at once, giving them back, and what the operator and an author see and do.</summary>
public abstract class DestinationConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task Lanes_of_several_leases_are_settled_together_and_those_that_are_not_held_any_more_stay_as_they_are()
    {
        var authors = new List<Profile>();
        foreach (var name in new[] { "first", "second", "third" })
        {
            authors.Add(await OpenLaneAsync(name, $"https://{name}.example/post"));
            await EnqueueNoticeAsync(authors[^1]);
        }

        var (one, two) = (await LeaseAsync(lanes: 1), await LeaseAsync(lanes: 2));
        Clock.Advance(TimeSpan.FromMinutes(1));
        var passedOn = await LeaseAsync(lanes: 1);
        var lost = one.Lanes.Concat(two.Lanes).Single(lane => lane.Id == passedOn.Lanes[0].Id);

        Assert.Equal(2, await SettleAsync([.. one.Lanes.Select(lane => Done(one, lane)), .. two.Lanes.Select(lane => Done(two, lane))]));
        Assert.Equal([lost.Lane.Author], (await WaitingAsync()).Select(status => status.Lane.Author));
        Assert.Equal(1, await SettleAsync(Done(passedOn, passedOn.Lanes[0])));
        Assert.Empty(await WaitingAsync());
        Assert.Equal(0, await SettleAsync(Done(passedOn, passedOn.Lanes[0]), Done(one, one.Lanes[0]) with { LaneId = 1_000_000 }));
        Assert.Equal(0, await SettleAsync());
    }

    [Fact]
    public async Task In_one_settlement_each_lane_has_its_own_end()
    {
        var alice = await AddLocalAsync("alice");
        foreach (var host in new[] { "done", "refused", "waits", "down", "stopped" })
            await SaveAsync(OutgoingSubscription(await AddRemoteAsync(host), alice, $"https://{host}.example/post"));
        var notices = new[] { await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice) };
        var lease = await LeaseAsync();
        var settlements = lease.Lanes.Select(lane => lane.Lane.Destination switch
        {
            "refused.example" => Done(lease, lane) with { Refused = [new RefusedDelivery(lane.Events[0].Number, "no")] },
            "waits.example" => Failed(lease, lane, "full", isDestinationFailing: false),
            "down.example" => Failed(lease, lane, "no answer", isDestinationFailing: true),
            "stopped.example" => Done(lease, lane) with { Through = lane.Events[0].Number, IsReleased = true },
            _ => Done(lease, lane),
        });

        Assert.Equal(5, await SettleAsync([.. settlements]));
        Assert.Equal(
            [("down.example", 2, "no answer"), ("stopped.example", 1, ""), ("waits.example", 2, "full")],
            (await WaitingAsync()).Select(status => (status.Lane.Destination, status.Waiting, status.Failure)).Order());
        Assert.Equal(["refused.example"], (await FailedAsync(alice)).Select(failed => failed.Lane.Destination));
        Assert.Equal(["down.example"], (await DestinationsAsync()).Where(status => status.IsFailing).Select(status => status.Host));
        var rest = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal(("stopped.example", notices[1].Id), (rest.Lane.Destination, Assert.Single(rest.Events).Notice));
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task A_lane_given_back_is_due_at_once_for_others_and_its_failures_and_its_destination_stay_as_they_were()
    {
        var alice = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        var began = Clock.GetUtcNow();
        var lease = await LeaseAsync();
        await SettleAsync(Failed(lease, lease.Lanes[0], "no answer", isDestinationFailing: true));
        Clock.Advance(TimeSpan.FromMinutes(5));
        var probe = await LeaseAsync(failing: true);

        Assert.Equal(1, await SettleAsync(Released(probe, probe.Lanes[0])));
        Assert.Equal((1, began, "no answer"), Failure(Assert.Single(await WaitingAsync())));
        Assert.Equal(began, Assert.Single(await DestinationsAsync()).FailingSince);
        Assert.Equal(0, await SettleAsync(Released(probe, probe.Lanes[0])));
        Assert.Empty((await LeaseAsync()).Lanes);
        var again = await LeaseAsync(failing: true);
        Assert.Equal((1, (DateTimeOffset?)began), (again.Lanes[0].Attempts, again.Lanes[0].FailingSince));
        Assert.NotEqual(probe.Token, again.Token);

        static (int Attempts, DateTimeOffset? Since, string Failure) Failure(LaneStatus status) => (status.Attempts, status.FailingSince, status.Failure);
    }

    [Fact]
    public async Task A_lane_given_back_after_progress_has_not_failed_and_its_destination_lives()
    {
        var alice = await OpenLaneAsync();
        await EnqueueNoticeAsync(alice);
        var second = await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        await SettleAsync(Failed(lease, lease.Lanes[0], "no answer", isDestinationFailing: true));
        Clock.Advance(TimeSpan.FromMinutes(5));
        var probe = await LeaseAsync(failing: true);

        await SettleAsync(Released(probe, probe.Lanes[0]) with { Through = probe.Lanes[0].Events[0].Number });

        var rest = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal((0, null, second.Id), (rest.Attempts, rest.FailingSince, Assert.Single(rest.Events).Notice));
        Assert.False(Assert.Single(await DestinationsAsync()).IsFailing);
    }

    [Fact]
    public async Task Destinations_are_listed_longest_failing_first_with_depth_and_age_and_the_last_failure()
    {
        var alice = await OpenLaneAsync("alice", "https://down.example/1");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("other"), alice, "https://down.example/2"));
        var carol = await OpenLaneAsync("carol", "https://living.example/post");
        var dave = await OpenLaneAsync("dave", "https://gone.example/post");
        await OpenLaneAsync("eve", "https://idle.example/post");
        var began = Clock.GetUtcNow();
        foreach (var author in new[] { dave, alice })
        {
            await EnqueueNoticeAsync(author);
            var lease = await LeaseAsync(lanes: 1);
            await SettleAsync(Failed(lease, lease.Lanes[0], "no answer", isDestinationFailing: true));
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await EnqueueNoticeAsync(carol);
        var (gone, down, living) = (
            new DestinationStatus("omb", "gone.example", began, began.AddMinutes(5), 1, began, "no answer"),
            new DestinationStatus("omb", "down.example", began.AddMinutes(1), began.AddMinutes(6), 2, began.AddMinutes(1), "no answer"),
            new DestinationStatus("omb", "living.example", null, null, 1, began.AddMinutes(2), ""));
        Assert.Equal([gone, down, living], await DestinationsAsync());
        Assert.Equal([gone, down], await Read(session => session.Deliveries.ListDestinationsAsync(2, None)));

        Clock.Advance(TimeSpan.FromMinutes(10));
        var probes = await LeaseAsync(failing: true);
        await SettleAsync(
            Failed(probes, probes.Lanes.Single(lane => lane.Lane.Destination == "gone.example"), "refused", isDestinationFailing: true),
            Done(probes, probes.Lanes.Single(lane => lane.Lane.Destination == "down.example")));
        var now = Clock.GetUtcNow();
        Assert.Equal(
            [gone with { NotBefore = now.AddMinutes(5), Failure = "refused" }, living, down with { FailingSince = null, NotBefore = null, Waiting = 1, Failure = "" }],
            (await DestinationsAsync()).OrderByDescending(status => status.IsFailing).ThenByDescending(status => status.Host));
    }

    [Fact]
    public async Task What_is_known_of_a_failing_destination_goes_with_its_last_lane()
    {
        var alice = await AddLocalAsync("alice");
        var only = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("x"), alice));
        await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        await SettleAsync(Failed(lease, lease.Lanes[0], "no answer", isDestinationFailing: true));

        await Write(session => session.Subscriptions.EndAsync(only.Id, None));

        Assert.Empty(await DestinationsAsync());
        Assert.Equal(0, (await MeasureAsync()).FailingDestinations);
    }

    [Fact]
    public async Task A_paused_destination_is_tried_when_the_operator_asks_and_stays_failing_until_the_try_has_ended()
    {
        var alice = await OpenLaneAsync("alice", "https://down.example/1");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("other"), alice, "https://down.example/2"));
        await EnqueueNoticeAsync(alice);
        var lease = await LeaseAsync();
        await SettleAsync([.. lease.Lanes.Select(lane => Failed(lease, lane, "no answer", isDestinationFailing: true))]);
        var began = Clock.GetUtcNow();
        Assert.Empty((await LeaseAsync(failing: true)).Lanes);

        Assert.False(await ProbeAsync("elsewhere.example"));
        Assert.True(await ProbeAsync("down.example"));

        Assert.Empty((await LeaseAsync()).Lanes);
        Assert.Equal((began, began), (Assert.Single(await DestinationsAsync()).FailingSince, (await LeaseAsync(lanes: 0, failing: true)).NextDue));
        var probe = await LeaseAsync(failing: true);
        Assert.Single(probe.Lanes);
        Assert.Empty((await LeaseAsync(failing: true)).Lanes);
        await SettleAsync(Done(probe, probe.Lanes[0]));
        Assert.Null(Assert.Single(await DestinationsAsync()).FailingSince);

        // The lane that was not tried keeps its own time, unless it is asked for as well.
        Assert.Empty((await LeaseAsync()).Lanes);
        Assert.True(await ProbeAsync("down.example"));
        var last = await LeaseAsync();
        await SettleAsync(Done(last, Assert.Single(last.Lanes)));
        Assert.False(await ProbeAsync("down.example"));
    }

    [Fact]
    public async Task All_that_was_given_up_at_one_destination_goes_back_in_steps_and_in_its_order()
    {
        var alice = await OpenLaneAsync("alice", "https://down.example/1");
        var ended = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("ended"), alice, "https://down.example/ended"));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("other"), alice, "https://other.example/1"));
        var notices = new[] { await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(alice) };
        var lease = await LeaseAsync();
        await SettleAsync([.. lease.Lanes.Select(lane => Refused(lease, lane))]);
        await Write(session => session.Subscriptions.EndAsync(ended.Id, None));

        Assert.Equal(0, await RetryAllAsync("elsewhere.example", 10));
        Assert.Equal(2, await RetryAllAsync("down.example", 2));
        Assert.Equal(1, await RetryAllAsync("down.example", 2));
        Assert.Equal(0, await RetryAllAsync("down.example", 2));

        var back = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal("https://down.example/1", back.Lane.Endpoint);
        Assert.Equal(notices.Select(notice => notice.Id), back.Events.Select(item => item.Notice));
        Assert.Equal(
            ["https://down.example/ended", "https://other.example/1"],
            (await Read(session => session.Deliveries.ListFailedAsync(10, None))).Select(failed => failed.Lane.Endpoint).Distinct().Order());
    }

    [Fact]
    public async Task An_author_sees_the_own_given_up_deliveries_newest_first_and_no_look_up()
    {
        var alice = await OpenLaneAsync("alice", "https://a.example/1");
        var carol = await OpenLaneAsync("carol", "https://a.example/2");
        await Write(session => session.Deliveries.EnqueueForAsync(
            new Lane(alice.Id, "origin", "https://a.example/3", "a.example"),
            new DeliveryEvent { Author = alice.Id, Kind = DeliveryEventKind.Lookup, Data = "x" },
            9,
            None));
        var notices = new[] { await EnqueueNoticeAsync(alice), await EnqueueNoticeAsync(carol), await EnqueueNoticeAsync(alice) };
        var lease = await LeaseAsync();
        await SettleAsync([.. lease.Lanes.Select(lane => Refused(lease, lane))]);

        Assert.Equal([notices[2].Id, notices[0].Id], (await FailedAsync(alice)).Select(failed => failed.Event.Notice));
        Assert.Equal([notices[2].Id], (await FailedAsync(alice, count: 1)).Select(failed => failed.Event.Notice));
        Assert.Equal([notices[1].Id], (await FailedAsync(carol)).Select(failed => failed.Event.Notice));
        Assert.Equal(4, (await Read(session => session.Deliveries.ListFailedAsync(10, None))).Count);
        Assert.Empty(await FailedAsync(await AddLocalAsync("nobody")));
    }

    [Fact]
    public async Task Only_lanes_that_are_due_at_living_destinations_say_that_the_workers_are_behind()
    {
        var alice = await OpenLaneAsync("alice", "https://down.example/1");
        await EnqueueNoticeAsync(alice);
        var began = Clock.GetUtcNow();
        Assert.Equal(began, (await MeasureAsync()).OverdueSince);
        var lease = await LeaseAsync();
        Assert.Null((await MeasureAsync()).OverdueSince);

        await SettleAsync(Failed(lease, lease.Lanes[0], "full", isDestinationFailing: false));
        Assert.Null((await MeasureAsync()).OverdueSince);
        Clock.Advance(TimeSpan.FromMinutes(7));
        Assert.Equal(began.AddMinutes(5), (await MeasureAsync()).OverdueSince);

        lease = await LeaseAsync();
        await SettleAsync(Failed(lease, lease.Lanes[0], "no answer", isDestinationFailing: true));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new QueueDepth(1, 1, began, null), await MeasureAsync());
    }

    private LaneSettlement Failed(Lease lease, LeasedLane lane, string failure, bool isDestinationFailing) =>
        new(lease.Token, lane.Id, 0, [], Clock.GetUtcNow().AddMinutes(5), failure, isDestinationFailing);

    private static LaneSettlement Done(Lease lease, LeasedLane lane) => new(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false);

    private static LaneSettlement Released(Lease lease, LeasedLane lane) => new(lease.Token, lane.Id, 0, [], null, "", false, IsReleased: true);

    private static LaneSettlement Refused(Lease lease, LeasedLane lane) =>
        Done(lease, lane) with { Refused = [.. lane.Events.Select(item => new RefusedDelivery(item.Number, "no"))] };

    private async Task<Profile> OpenLaneAsync(string nickname = "alice", string endpoint = "https://there.example/post")
    {
        var author = await AddLocalAsync(nickname);
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("of" + nickname), author, endpoint));
        return author;
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

    private Task<int> SettleAsync(params LaneSettlement[] settlements) =>
        Write(session => session.Deliveries.SettleAsync(settlements, None)).AsTask();

    private Task<int> RetryAllAsync(string host, int count) => Write(session => session.Deliveries.RetryAllAsync(host, count, None)).AsTask();

    private Task<bool> ProbeAsync(string host) => Write(session => session.Deliveries.ProbeAsync(host, None)).AsTask();

    private Task<IReadOnlyList<LaneStatus>> WaitingAsync() => Read(session => session.Deliveries.ListWaitingAsync(10, None)).AsTask();

    private Task<IReadOnlyList<DestinationStatus>> DestinationsAsync() => Read(session => session.Deliveries.ListDestinationsAsync(10, None)).AsTask();

    private Task<IReadOnlyList<FailedDelivery>> FailedAsync(Profile author, int count = 10) =>
        Read(session => session.Deliveries.ListFailedAsync(author.Id, count, None)).AsTask();

    private Task<QueueDepth> MeasureAsync() => Read(session => session.Deliveries.MeasureAsync(None)).AsTask();
}
