using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Policies;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Delivery;

/// <summary>The delivery worker on the in-memory store, with a clock that moves by hand.</summary>
public sealed class WorkerTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly MicroblogOptions options = new();
    private readonly DeliverySignal signal = new(new TaskStarter());
    private readonly InMemoryStore store;

    public WorkerTests()
    {
        store = new InMemoryStore(clock);
        // The clock runs ahead of the threads, so a lease must not run out on its own.
        options.Delivery.LeaseDuration = TimeSpan.FromHours(1);
    }

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task Silent_destinations_hold_a_slot_for_a_moment_each_until_they_are_known_to_be_slow()
    {
        (options.Delivery.ParallelLanes, options.Delivery.ParallelSlowLanes) = (1, 5);
        var (silent, living) = (0, 0);
        var release = new TaskCompletionSource();
        var protocol = new ScriptedProtocol(async (lane, _) =>
        {
            if (lane.Lane.Destination == "living.example")
            {
                Interlocked.Increment(ref living);
                return await ScriptedProtocol.All(lane);
            }

            Interlocked.Increment(ref silent);
            await release.Task;
            return [new DeliveryOutcome.TryAgain("no answer", null, true)];
        });
        var author = await AuthorAsync([.. Enumerable.Range(0, 5).Select(number => $"https://silent{number}.example/1"), "https://living.example/1"]);
        using var worker = Worker(protocol);
        await worker.StartAsync(CancellationToken.None);

        await PublishAsync(author);
        // All are out at once. The threads of the silent ones may come after the clock, and so after the living one's.
        await clock.UntilAsync(() => Task.FromResult((living, silent) == (1, 5)), options.Delivery.SlowAfter);

        release.SetResult();
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task Of_many_lanes_to_a_silent_destination_one_goes_and_the_others_take_no_slot_and_are_not_tried_when_it_failed()
    {
        (options.Delivery.ParallelLanes, options.Delivery.ParallelSlowLanes) = (2, 0);
        var (silent, living) = (0, 0);
        var release = new TaskCompletionSource();
        var protocol = new ScriptedProtocol(async (lane, _) =>
        {
            if (lane.Lane.Destination == "living.example")
            {
                Interlocked.Increment(ref living);
                return await ScriptedProtocol.All(lane);
            }

            Interlocked.Increment(ref silent);
            await release.Task;
            return [new DeliveryOutcome.TryAgain("no answer", clock.GetUtcNow() + TimeSpan.FromDays(1), true)];
        });
        var author = await AuthorAsync([.. Enumerable.Range(0, 6).Select(number => $"https://silent.example/{number}"), "https://living.example/1"]);
        using var worker = Worker(protocol);
        await worker.StartAsync(CancellationToken.None);

        await PublishAsync(author);
        await clock.UntilAsync(() => living == 1);
        Assert.Equal(1, silent);
        release.SetResult();
        await clock.UntilAsync(async () => (await WaitingAsync()).Count(lane => lane.FailingSince is not null) == 1);
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal(1, silent);
        Assert.Equal(6, (await WaitingAsync()).Count);
    }

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task A_failing_destination_blocks_its_own_slot_and_no_living_lane()
    {
        (options.Delivery.ParallelLanes, options.Delivery.ParallelFailingLanes) = (1, 1);
        using var release = new SemaphoreSlim(0);
        var deadTries = 0;
        var protocol = new ScriptedProtocol(async (lane, ct) =>
        {
            if (lane.Lane.Destination != "dead.example")
                return await ScriptedProtocol.All(lane);
            // The first failure comes at once; then it hangs.
            if (Interlocked.Increment(ref deadTries) > 1)
                await release.WaitAsync(ct);
            return [new DeliveryOutcome.TryAgain("no connection", null, true)];
        });
        var author = await AuthorAsync("https://dead.example/1", "https://dead.example/2", "https://living.example/1");
        using var worker = Worker(protocol);
        await worker.StartAsync(CancellationToken.None);

        await PublishAsync(author);
        await clock.UntilAsync(() => deadTries == 2);
        for (var i = 0; i < 5; i++)
        {
            await PublishAsync(author);
            await clock.UntilAsync(async () => (await WaitingAsync()).All(lane => lane.Lane.Destination == "dead.example"));
        }

        // One lane of the dead destination at a time, and still the same try.
        Assert.Equal(2, deadTries);
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task A_stop_in_the_middle_of_a_batch_settles_what_was_sent_and_gives_the_lane_back()
    {
        options.Delivery.FirstRetry = TimeSpan.FromSeconds(10);
        var protocol = new ScriptedProtocol(async (lane, ct) =>
        {
            var stopped = new TaskCompletionSource();
            await using var registration = ct.Register(stopped.SetResult);
            await stopped.Task;
            return [DeliveryOutcome.Delivered, DeliveryOutcome.Stopped];
        });
        var author = await AuthorAsync("https://b.example/1");
        await PublishAsync(author);
        await PublishAsync(author);
        await PublishAsync(author);
        using (var worker = Worker(protocol))
        {
            await worker.StartAsync(CancellationToken.None);
            Assert.Equal(3, (await protocol.NextAsync()).Events.Count);
            await worker.StopAsync(CancellationToken.None);
        }

        Assert.Equal(2, Assert.Single(await WaitingAsync()).Waiting);
        var next = new ScriptedProtocol((lane, _) => ScriptedProtocol.All(lane));
        using var second = Worker(next);
        await second.StartAsync(CancellationToken.None);
        Assert.Equal(2, (await next.NextAsync()).Events.Count);
        await second.StopAsync(CancellationToken.None);
        Assert.Empty(await WaitingAsync());
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task A_failed_lane_is_tried_again_when_it_is_due_and_not_before()
    {
        var answers = new Queue<DeliveryOutcome>([new DeliveryOutcome.TryAgain("503", clock.GetUtcNow() + TimeSpan.FromMinutes(5), false), DeliveryOutcome.Delivered]);
        var protocol = new ScriptedProtocol((_, _) => new([answers.Dequeue()]));
        var author = await AuthorAsync("https://b.example/1");
        await PublishAsync(author);
        var due = clock.GetUtcNow() + TimeSpan.FromMinutes(5);
        using var worker = Worker(protocol);
        await worker.StartAsync(CancellationToken.None);
        await protocol.NextAsync();
        await clock.UntilAsync(async () => await WaitingAsync() is [{ Attempts: 1 }]);

        Assert.Equal(due, (await WaitingAsync())[0].NextAttempt);
        await clock.UntilAsync(async () => (await WaitingAsync()).Count == 0, TimeSpan.FromSeconds(10));

        Assert.InRange(clock.GetUtcNow(), due, due + TimeSpan.FromSeconds(60));
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    [Trait("Clause", "OMB-140")]
    public async Task Of_profile_changes_that_wait_the_last_one_is_sent()
    {
        var protocol = new ScriptedProtocol((lane, _) => ScriptedProtocol.All(lane));
        var author = await AuthorAsync("https://b.example/1");
        for (var i = 0; i < 3; i++)
            await EnqueueAsync(new DeliveryEvent { Author = author, Kind = DeliveryEventKind.Profile });
        using var worker = Worker(protocol);
        await worker.StartAsync(CancellationToken.None);

        Assert.Equal(DeliveryEventKind.Profile, Assert.Single((await protocol.NextAsync()).Events).Kind);
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task The_queue_is_healthy_until_a_lane_to_a_living_destination_is_late_and_a_failing_one_may_wait_for_days()
    {
        var author = await AuthorAsync("https://b.example/notice");
        var check = new QueueCheck(store, clock, Options.Create(options));
        Assert.Equal(Severity.Good, (await check.CheckAsync(CancellationToken.None)).Severity);
        await PublishAsync(author);
        clock.Advance(options.Delivery.LateAfter);
        Assert.Equal(Severity.Good, (await check.CheckAsync(CancellationToken.None)).Severity);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Severity.Warning, (await check.CheckAsync(CancellationToken.None)).Severity);

        var protocol = new ScriptedProtocol(new DeliveryOutcome.TryAgain("no connection", null, true));
        using (var worker = Worker(protocol))
        {
            await worker.StartAsync(CancellationToken.None);
            await protocol.NextAsync();
            await clock.UntilAsync(async () => (await WaitingAsync())[0].Attempts > 0);
            await worker.StopAsync(CancellationToken.None);
        }

        clock.Advance(TimeSpan.FromDays(6));
        var finding = await check.CheckAsync(CancellationToken.None);
        Assert.Equal(Severity.Good, finding.Severity);
        Assert.Contains("1 destinations do not answer", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task The_host_hears_once_of_what_was_given_up_and_its_failure_stops_nothing()
    {
        var protocol = new ScriptedProtocol(new DeliveryOutcome.Refused("too long"));
        var author = await AuthorAsync("https://b.example/1", "https://c.example/1");
        var notice = await PublishAsync(author);
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var recorded = new System.Collections.Concurrent.ConcurrentQueue<bool>();
        var observer = new Observer(async (lane, item, reason) =>
        {
            heard.Enqueue($"{lane.Destination} {item.Notice == notice} {reason}");
            recorded.Enqueue((await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Deliveries.ListFailedAsync(author, 10, ct), CancellationToken.None))
                .Any(failed => failed.Lane == lane));
            throw new InvalidOperationException("the host has a bad day");
        });
        using var worker = Worker(protocol, observer, observer);
        await worker.StartAsync(CancellationToken.None);
        await clock.UntilAsync(() => heard.Count == 4);
        await clock.UntilAsync(async () => (await WaitingAsync()).Count == 0);
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal(["b.example True too long", "b.example True too long", "c.example True too long", "c.example True too long"], heard.Order());
        Assert.All(recorded, Assert.True);
    }

    [Fact]
    public async Task Nobody_hears_of_a_give_up_that_is_anothers_to_record()
    {
        // This worker has no slot to take the lane again itself.
        (options.Delivery.ParallelLanes, options.Delivery.ParallelSlowLanes) = (1, 0);
        var author = await AuthorAsync("https://b.example/1");
        await PublishAsync(author);
        var (heard, calls) = (0, 0);
        var observer = new Observer((_, _, _) =>
        {
            Interlocked.Increment(ref heard);
            return ValueTask.CompletedTask;
        });
        var protocol = new ScriptedProtocol(async (lane, _) =>
        {
            // The lease runs out meanwhile, and another worker takes the lane.
            if (Interlocked.Increment(ref calls) == 1)
            {
                clock.Advance(options.Delivery.LeaseDuration);
                await store.ExecuteAsync(
                    (session, ct) => session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromDays(1), 1, 1, 1, false), ct), CancellationToken.None);
            }

            return [new DeliveryOutcome.Refused("too long")];
        });
        using var worker = Worker(protocol, observer);
        await worker.StartAsync(CancellationToken.None);
        await protocol.NextAsync();
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal((0, 1), (heard, calls));
        Assert.Empty(await store.ReadAsync(Freshness.Latest, (session, ct) => session.Deliveries.ListFailedAsync(10, ct), CancellationToken.None));
    }

    [Fact]
    public async Task The_fan_out_reaches_every_lane_and_every_follower()
    {
        var author = await AuthorAsync([.. Enumerable.Range(0, 220).Select(i => $"https://b{i}.example/notice")]);
        var followers = new List<ProfileId>();
        for (var i = 0; i < 220; i++)
            followers.Add(await FollowAsync(author, endpoint: ""));
        var protocol = new ScriptedProtocol((lane, _) => ScriptedProtocol.All(lane));
        using var gauges = new QueueGauges(clock);
        using var fanOut = new FanOutWorker(store, signal, gauges, new TaskStarter(), clock, Options.Create(options), NullLogger<FanOutWorker>.Instance);
        using var worker = Worker(protocol);
        await fanOut.StartAsync(CancellationToken.None);
        await worker.StartAsync(CancellationToken.None);

        var notice = await PublishAsync(author);
        var reached = new HashSet<string>();
        while (reached.Count < 220)
            reached.Add((await protocol.NextAsync()).Lane.Endpoint);
        foreach (var follower in followers)
        {
            await clock.UntilAsync(async () => (await store.ReadAsync(
                Freshness.Latest, (s, ct) => s.Timelines.HomeAsync(follower, PageRequest.Newest(5), ct), CancellationToken.None)).Any(e => e.Notice.Id == notice));
        }

        await clock.UntilAsync(async () => (await WaitingAsync()).Count == 0);
        await fanOut.StopAsync(CancellationToken.None);
        await worker.StopAsync(CancellationToken.None);
    }

    private DeliveryWorker Worker(ScriptedProtocol protocol, params IDeliveryObserver[] observers) => new(
        store,
        new LaneSender([protocol], clock, new FixedChance(0.5), Options.Create(options), NullLogger<LaneSender>.Instance),
        new GiveUps(observers, NullLogger<GiveUps>.Instance),
        signal, new TaskStarter(), clock, Options.Create(options), NullLogger<DeliveryWorker>.Instance);

    private ValueTask<IReadOnlyList<LaneStatus>> WaitingAsync() =>
        store.ReadAsync(Freshness.Latest, (session, ct) => session.Deliveries.ListWaitingAsync(1_000, ct), CancellationToken.None);

    private async Task<ProfileId> AuthorAsync(params string[] endpoints)
    {
        using var id = store.Ids.Draw();
        var profile = new Profile
        {
            Id = id.Profile, Uri = ProfileUri.Parse($"https://a.example/user/{id.Value}"), Nickname = "n" + id.Value, Url = "https://a.example/n" + id.Value,
            IsLocal = true, License = License.CcBy40.Url,
        };
        await store.ExecuteAsync((session, ct) => session.Profiles.AddLocalAsync(profile, "s" + id.Value, ct), CancellationToken.None);
        foreach (var endpoint in endpoints)
            await FollowAsync(id.Profile, endpoint);
        return id.Profile;
    }

    // Somebody of this node, or, with an endpoint, somebody elsewhere.
    private async Task<ProfileId> FollowAsync(ProfileId author, string endpoint)
    {
        var follower = await AuthorAsync();
        using var id = store.Ids.Draw();
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = id.Subscription, Subscriber = follower, Publisher = author, State = SubscriptionState.Active,
                        Protocol = endpoint.Length > 0 ? "scripted" : Subscription.LocalProtocol, IsSubscriberLocal = endpoint.Length == 0,
                        Endpoint = endpoint, ProfileEndpoint = endpoint, Peer = endpoint, CreatedAt = clock.GetUtcNow(),
                    },
                    ct);
                return true;
            },
            CancellationToken.None);
        return follower;
    }

    private async Task<NoticeId> PublishAsync(ProfileId author)
    {
        using var id = store.Ids.Draw();
        var notice = new Notice
        {
            Id = id.Notice, Uri = NoticeUri.Parse($"https://a.example/notice/{id.Value}"), Author = author, Content = "hello", License = License.CcBy40.Url,
        };
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Notices.PublishAsync(notice, ct);
                return true;
            },
            CancellationToken.None);
        await EnqueueAsync(new DeliveryEvent { Author = author, Kind = DeliveryEventKind.Notice, Notice = id.Notice });
        return id.Notice;
    }

    private async Task EnqueueAsync(DeliveryEvent item)
    {
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Deliveries.EnqueueAsync(item, ct);
                return true;
            },
            CancellationToken.None);
        signal.Wake();
    }

    private sealed class Observer(Func<Lane, DeliveryEvent, string, ValueTask> hear) : IDeliveryObserver
    {
        public ValueTask GaveUpAsync(Lane lane, DeliveryEvent item, string reason, CancellationToken cancellationToken) => hear(lane, item, reason);
    }
}
