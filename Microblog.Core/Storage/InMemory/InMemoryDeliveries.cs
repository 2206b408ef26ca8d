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

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(ProfileId author, int count, CancellationToken cancellationToken) =>
        new(session.State.Failures.Values.Reverse()
            .Where(failed => failed.Event.Author == author && failed.Event.Kind != DeliveryEventKind.Lookup).Take(count).ToList());

    public ValueTask<IReadOnlyList<DestinationStatus>> ListDestinationsAsync(int count, CancellationToken cancellationToken) =>
        new(session.Lanes.All.GroupBy(lane => lane.Destination)
            .Select(lanes => (Status: Status(lanes.Key, lanes), Due: lanes.Min(lane => lane.DueAt)))
            .Where(entry => entry.Status.IsFailing || entry.Due is not null)
            .OrderBy(entry => entry.Status.FailingSince ?? DateTimeOffset.MaxValue).ThenBy(entry => entry.Due)
            .ThenBy(entry => entry.Status.Host, StringComparer.Ordinal)
            .Take(count).Select(entry => entry.Status).ToList());

    public ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken)
    {
        var waiting = Waiting.ToList();
        var oldest = waiting.SelectMany(session.Lanes.Waiting).Select(logged => (DateTimeOffset?)logged.At).Min();
        var due = waiting.Where(lane => !session.State.Failing.ContainsKey(lane.Destination)).Min(lane => lane.DueAt);
        return new(new QueueDepth(waiting.Count, session.State.Failing.Count, oldest, due <= session.Now ? due : null));
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

    public ValueTask<int> SettleAsync(IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken) =>
        new(settlements.Select(Settle).Count(isHeld => isHeld));

    private bool Settle(LaneSettlement settlement)
    {
        if (!session.State.Lanes.TryGetValue(settlement.LaneId, out var lane) || lane.LeasedUntil is null || lane.Token != settlement.Token)
            return false;
        foreach (var refused in settlement.Refused)
            AddFailure(lane, refused);
        var gotOn = settlement.Through > lane.Position;
        var own = session.State.Events.Where(pair => pair.Value.LaneId == lane.Id && pair.Key <= settlement.Through);
        session.State = session.State with { Events = session.State.Events.RemoveRange(own.Select(pair => pair.Key)) };
        lane = lane with { Position = Math.Max(lane.Position, settlement.Through), LeasedUntil = null, Token = default };
        if (settlement.RetryAt is { } retry)
            Fail(lane, settlement, retry, gotOn);
        else if (settlement.IsReleased && !gotOn)
            session.Lanes.Set(lane with { DueAt = session.Now });
        else
            Succeed(lane);
        return true;
    }

    public ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken)
    {
        if (!session.State.Failures.TryGetValue(failure, out var failed) || session.Lanes.Find(failed.Lane) is not { } lane)
            return new(false);
        session.State = session.State with { Failures = session.State.Failures.Remove(failure) };
        AppendTo(lane, failed.Event);
        return new(true);
    }

    public async ValueTask<int> RetryAllAsync(string host, int count, CancellationToken cancellationToken)
    {
        var there = session.State.Failures.Values.Where(failed => failed.Lane.Destination == host && session.Lanes.Find(failed.Lane) is not null)
            .Take(count).ToList();
        foreach (var failed in there)
            await RetryAsync(failed.Id, cancellationToken).ConfigureAwait(false);
        return there.Count;
    }

    public ValueTask<bool> ProbeAsync(string host, CancellationToken cancellationToken)
    {
        var destinations = Waiting.Where(lane => lane.Lane.Destination == host).GroupBy(lane => lane.Destination).ToList();
        foreach (var lanes in destinations)
        {
            if (lanes.Where(lane => lane.LeasedUntil is null).OrderBy(lane => lane.DueAt).FirstOrDefault() is { } first && first.DueAt > session.Now)
                session.Lanes.Set(first with { DueAt = session.Now });
            if (session.State.Failing.TryGetValue(lanes.Key, out var failing))
                session.State = session.State with { Failing = session.State.Failing.SetItem(lanes.Key, failing with { NotBefore = session.Now }) };
        }

        return new(destinations.Count > 0);
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

    private DestinationStatus Status((string Protocol, string Host) destination, IEnumerable<LaneState> lanes)
    {
        var waiting = lanes.Where(lane => lane.DueAt is not null).OrderBy(lane => lane.DueAt).ToList();
        var oldest = waiting.Take(100).SelectMany(session.Lanes.Waiting).Min(logged => (DateTimeOffset?)logged.At);
        var failing = session.State.Failing.GetValueOrDefault(destination);
        return new DestinationStatus(
            destination.Protocol, destination.Host, failing?.Since, failing?.NotBefore, Math.Min(waiting.Count, 1000), oldest, failing?.Failure ?? "");
    }

    // A failing destination is asked by one lane at a time, and not before its last failure said.
    private bool MayLease(LaneState lane, LeaseRequest request, DateTimeOffset now)
    {
        var isFailing = session.State.Failing.TryGetValue(lane.Destination, out var failing);
        return isFailing == request.Failing && (failing is null || failing.NotBefore <= now)
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
        session.State.Failing.TryGetValue(destination, out var failing) && failing.NotBefore > due ? failing.NotBefore : due;

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
        if (!settlement.IsDestinationFailing)
            return;
        var since = session.State.Failing.TryGetValue(lane.Destination, out var before) ? before.Since : session.Now;
        session.State = session.State with
        {
            Failing = session.State.Failing.SetItem(lane.Destination, new FailingDestination(since, retry, settlement.Failure)),
        };
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
