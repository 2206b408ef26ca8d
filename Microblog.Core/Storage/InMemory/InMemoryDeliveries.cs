using Microblog.Delivery;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryDeliveries(InMemorySession session) : IDeliveryStore
{
    private const int AtOnce = 200;

    public ValueTask<IReadOnlyList<LaneStatus>> ListWaitingAsync(int count, CancellationToken cancellationToken) =>
        new(Waiting.OrderBy(lane => lane.FailingSince ?? DateTimeOffset.MaxValue).ThenBy(lane => lane.DueAt).ThenBy(lane => lane.Id)
            .Take(count).Select(Status).ToList());

    public ValueTask<LaneStatus?> FindLaneAsync(long id, CancellationToken cancellationToken) =>
        new(session.State.Lanes.TryGetValue(id, out var lane) ? Status(lane) : null);

    public ValueTask<IReadOnlyList<DeliveryEvent>> ListEventsAsync(long lane, int count, CancellationToken cancellationToken) =>
        new(session.State.Lanes.TryGetValue(lane, out var known) ? [.. session.Lanes.Waiting(known).Take(count).Select(logged => logged.Event)] : []);

    public ValueTask<FailedDelivery?> FindFailedAsync(long id, CancellationToken cancellationToken) =>
        new(session.State.Failures.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(int count, CancellationToken cancellationToken) =>
        new(session.State.Failures.Values.Reverse().Take(count).ToList());

    public ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken)
    {
        var waiting = Waiting.ToList();
        var oldest = waiting.SelectMany(session.Lanes.Waiting).Select(logged => (DateTimeOffset?)logged.At).Min();
        return new(new QueueDepth(waiting.Count, session.State.Failing.Count, oldest));
    }

    public ValueTask EnqueueAsync(DeliveryEvent item, CancellationToken cancellationToken)
    {
        // A lane begins with the next event, so that nobody will ever ask for this one.
        if (!session.Lanes.All.Any(lane => lane.FollowsLog && lane.Lane.Author == item.Author))
            return ValueTask.CompletedTask;
        if (item.Kind == DeliveryEventKind.Profile)
        {
            var earlier = session.State.Events.Where(pair =>
                pair.Value.LaneId == 0 && pair.Value.Event.Author == item.Author && pair.Value.Event.Kind == DeliveryEventKind.Profile);
            session.State = session.State with { Events = session.State.Events.RemoveRange(earlier.Select(pair => pair.Key)) };
        }

        Append(item, laneId: 0);
        session.Lanes.Wake(item.Author, AtOnce);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit, CancellationToken cancellationToken)
    {
        var there = session.State.Events.Values.Count(logged => logged.LaneId != 0
            && session.State.Lanes[logged.LaneId].Destination == (lane.Protocol, lane.Destination));
        if (there >= limit)
            return new(false);
        AppendTo(session.Lanes.FindOrOpen(lane), item);
        return new(true);
    }

    public ValueTask<Lease> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var now = session.Now;
        var token = new LeaseToken(session.NextNumber());
        var leased = new List<LeasedLane>();
        foreach (var due in session.Lanes.All.Where(lane => lane.DueAt <= now).OrderBy(lane => lane.DueAt).ThenBy(lane => lane.Id).ToList())
        {
            if (leased.Count == request.Lanes)
                break;
            if (!MayLease(due, request, now))
                continue;
            var events = session.Lanes.Waiting(due).Take(request.PerLane).Select(logged => logged.Event).ToList();
            if (events.Count == 0)
            {
                Rest(due);
                continue;
            }

            session.Lanes.Set(due with { DueAt = now + request.Duration, LeasedUntil = now + request.Duration, Token = token });
            leased.Add(new LeasedLane(due.Id, due.Lane, due.Attempts, due.FailingSince, events));
        }

        return new(new Lease(token, leased, NextDue(request, now)));
    }

    public ValueTask<bool> SettleAsync(LeaseToken token, LaneSettlement settlement, CancellationToken cancellationToken)
    {
        if (!session.State.Lanes.TryGetValue(settlement.LaneId, out var lane) || lane.LeasedUntil is null || lane.Token != token)
            return new(false);
        foreach (var refused in settlement.Refused)
            AddFailure(lane, refused);
        var gotOn = settlement.Through > lane.Position;
        var own = session.State.Events.Where(pair => pair.Value.LaneId == lane.Id && pair.Key <= settlement.Through);
        session.State = session.State with { Events = session.State.Events.RemoveRange(own.Select(pair => pair.Key)) };
        lane = lane with { Position = Math.Max(lane.Position, settlement.Through), LeasedUntil = null, Token = default };
        if (settlement.RetryAt is { } retry)
            Fail(lane, settlement, retry, gotOn);
        else
            Succeed(lane);
        return new(true);
    }

    public ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken)
    {
        if (!session.State.Failures.TryGetValue(failure, out var failed) || session.Lanes.Find(failed.Lane) is not { } lane)
            return new(false);
        session.State = session.State with { Failures = session.State.Failures.Remove(failure) };
        AppendTo(lane, failed.Event);
        return new(true);
    }

    public ValueTask<int> PruneAsync(int count, CancellationToken cancellationToken)
    {
        var passed = session.State.Events.Values
            .Where(logged => logged.LaneId == 0 && !session.Lanes.All.Any(lane =>
                lane.FollowsLog && lane.Lane.Author == logged.Event.Author && lane.Position < logged.Event.Number))
            .Take(count).Select(logged => logged.Event.Number).ToList();
        var forgotten = session.State.Failures.Keys.Reverse().Skip(IDeliveryStore.FailuresKept).Take(count).ToList();
        session.State = session.State with
        {
            Events = session.State.Events.RemoveRange(passed),
            Failures = session.State.Failures.RemoveRange(forgotten),
        };
        return new(passed.Count + forgotten.Count);
    }

    private IEnumerable<LaneState> Waiting => session.Lanes.All.Where(lane => lane.DueAt is not null);

    private LaneStatus Status(LaneState lane)
    {
        var waiting = session.Lanes.Waiting(lane).ToList();
        return new LaneStatus(
            lane.Id, lane.Lane, Math.Min(waiting.Count, 1000), waiting.FirstOrDefault()?.At, lane.Attempts, lane.FailingSince, lane.DueAt, lane.Failure);
    }

    // A failing destination is asked by one lane at a time, and not before its last failure said.
    private bool MayLease(LaneState lane, LeaseRequest request, DateTimeOffset now)
    {
        var isFailing = session.State.Failing.TryGetValue(lane.Destination, out var notBefore);
        return isFailing == request.Failing && notBefore <= now
            && Out(lane.Destination, now) < Room(request);
    }

    private int Out((string Protocol, string Host) destination, DateTimeOffset now) =>
        session.Lanes.All.Count(lane => lane.Destination == destination && lane.LeasedUntil > now);

    // A destination with no room left is looked at again when the first of its leases ends.
    private DateTimeOffset? NextDue(LeaseRequest request, DateTimeOffset now) =>
        Waiting.GroupBy(lane => lane.Destination)
            .Where(lanes => session.State.Failing.ContainsKey(lanes.Key) == request.Failing)
            .Select(lanes => Out(lanes.Key, now) >= Room(request)
                ? lanes.Where(lane => lane.LeasedUntil > now).Min(lane => lane.LeasedUntil)
                : Later(lanes.Min(lane => lane.DueAt), lanes.Key))
            .Min();

    private DateTimeOffset? Later(DateTimeOffset? due, (string Protocol, string Host) destination) =>
        session.State.Failing.TryGetValue(destination, out var notBefore) && notBefore > due ? notBefore : due;

    private static int Room(LeaseRequest request) => request.Failing ? 1 : request.PerDestination;

    private void Fail(LaneState lane, LaneSettlement settlement, DateTimeOffset retry, bool gotOn)
    {
        session.Lanes.Set(lane with
        {
            DueAt = retry,
            Attempts = gotOn ? 1 : lane.Attempts + 1,
            FailingSince = gotOn ? session.Now : lane.FailingSince ?? session.Now,
            Failure = settlement.Failure,
        });
        if (settlement.IsDestinationFailing)
            session.State = session.State with { Failing = session.State.Failing.SetItem(lane.Destination, retry) };
    }

    private void Succeed(LaneState lane)
    {
        session.State = session.State with { Failing = session.State.Failing.Remove(lane.Destination) };
        lane = lane with { Attempts = 0, FailingSince = null, Failure = "" };
        if (session.Lanes.Waiting(lane).Any())
            session.Lanes.Set(lane with { DueAt = session.Now });
        else
            Rest(lane);
    }

    private void Rest(LaneState lane)
    {
        if (lane.FollowsLog)
            session.Lanes.Set(lane with { DueAt = null, LeasedUntil = null, Token = default });
        else
            session.Lanes.Remove(lane);
    }

    private void AddFailure(LaneState lane, RefusedDelivery refused)
    {
        if (!session.State.Events.TryGetValue(refused.Event, out var logged))
            return;
        var failed = new FailedDelivery(session.NextNumber(), lane.Lane, logged.Event, session.Now, refused.Reason);
        session.State = session.State with { Failures = session.State.Failures.Add(failed.Id, failed) };
    }

    private void Append(DeliveryEvent item, long laneId)
    {
        var number = session.NextNumber();
        var logged = new LoggedEvent(item with { Number = number }, session.Now, laneId);
        session.State = session.State with { Events = session.State.Events.Add(number, logged) };
    }

    private void AppendTo(LaneState lane, DeliveryEvent item)
    {
        Append(item, lane.Id);
        session.Lanes.Set(lane with { DueAt = lane.DueAt ?? session.Now });
    }
}
