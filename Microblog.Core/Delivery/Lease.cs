namespace Microblog.Delivery;

/// <summary>Names one lease. A settlement with a lease that has passed on does nothing.</summary>
public readonly record struct LeaseToken(long Value);

/// <summary>What a worker asks for.</summary>
/// <param name="Duration">How long the lanes stay hidden. Longer than sending a batch may take.</param>
/// <param name="Lanes">At most so many lanes.</param>
/// <param name="PerLane">At most so many deliveries of each.</param>
/// <param name="PerDestination">At most so many lanes of one destination, counted with those that are out already.</param>
/// <param name="Failing">Whether to take lanes of failing destinations instead of living ones.</param>
public sealed record LeaseRequest(TimeSpan Duration, int Lanes, int PerLane, int PerDestination, bool Failing);

/// <summary>What a worker got.</summary>
/// <param name="Token">To settle with.</param>
/// <param name="Lanes">Lanes with their batches; empty when nothing is due.</param>
/// <param name="NextDue">When it is worth asking for the same again: when the next lane comes due, or a lease ends that fills its destination;
/// at once, perhaps, after as many lanes as were asked for; <see langword="null"/> while nothing waits.</param>
public sealed record Lease(LeaseToken Token, IReadOnlyList<LeasedLane> Lanes, DateTimeOffset? NextDue);

/// <summary>One lane of a lease.</summary>
/// <param name="Id">The store's number for the lane.</param>
/// <param name="Lane">Whose events, where to.</param>
/// <param name="Attempts">How often sending has failed in a row.</param>
/// <param name="FailingSince">Since when it fails, or <see langword="null"/>.</param>
/// <param name="Events">The batch, in order; never empty.</param>
public sealed record LeasedLane(long Id, Lane Lane, int Attempts, DateTimeOffset? FailingSince, IReadOnlyList<DeliveryEvent> Events);

/// <summary>How far a leased lane got.</summary>
/// <param name="Token">The lease that it came with.</param>
/// <param name="LaneId">The store's number for the lane.</param>
/// <param name="Through">The last event that is done with, delivered or given up; 0 for none.</param>
/// <param name="Refused">The events among them that were given up, with the reason.</param>
/// <param name="RetryAt">When to go on after a failure; <see langword="null"/> when nothing failed.</param>
/// <param name="Failure">What failed, in words for the queue page; empty when nothing failed.</param>
/// <param name="IsDestinationFailing">Whether the failure says something about the whole destination: no connection, a time-out, a server error.</param>
/// <param name="IsReleased">Whether the rest of the batch was not tried, because this process stops: nothing failed, and the lane is due
/// at once, for others too. Without progress its failures and its destination's state stay as they are.</param>
public sealed record LaneSettlement(
    LeaseToken Token, long LaneId, long Through, IReadOnlyList<RefusedDelivery> Refused, DateTimeOffset? RetryAt, string Failure,
    bool IsDestinationFailing, bool IsReleased = false);

/// <summary>A delivery that was given up.</summary>
public sealed record RefusedDelivery(long Event, string Reason);

/// <summary>A lane on the queue page.</summary>
/// <param name="Id">The store's number for the lane.</param>
/// <param name="Lane">Whose events, where to.</param>
/// <param name="Waiting">How many events wait; 1,000 stands for any higher number too.</param>
/// <param name="OldestSince">Since when the first of them waits.</param>
/// <param name="Attempts">How often sending has failed in a row; progress begins a new row.</param>
/// <param name="FailingSince">Since when it fails, or <see langword="null"/>.</param>
/// <param name="NextAttempt">When the lane comes due; while it is leased, when the lease ends.</param>
/// <param name="Failure">What failed last, in words; empty when nothing failed.</param>
public sealed record LaneStatus(
    long Id, Lane Lane, int Waiting, DateTimeOffset? OldestSince, int Attempts, DateTimeOffset? FailingSince, DateTimeOffset? NextAttempt, string Failure);

/// <summary>A delivery that was given up, as the operator and its author see it.</summary>
public sealed record FailedDelivery(long Id, Lane Lane, DeliveryEvent Event, DateTimeOffset At, string Reason);

/// <summary>How full the queue is.</summary>
/// <param name="Lanes">Lanes with something to send.</param>
/// <param name="FailingDestinations">Destinations that do not answer.</param>
/// <param name="OldestSince">Since when the longest waiting lane waits; <see langword="null"/> when none does.</param>
/// <param name="OverdueSince">Since when a lane of a living destination has been due and nobody took it: so far the workers are behind;
/// <see langword="null"/> when they are not.</param>
public sealed record QueueDepth(int Lanes, int FailingDestinations, DateTimeOffset? OldestSince, DateTimeOffset? OverdueSince);

/// <summary>A destination on the queue page.</summary>
/// <param name="Protocol">Whose lanes: <see cref="Federation.ILaneProtocol.Name"/>.</param>
/// <param name="Host">The host behind their endpoints.</param>
/// <param name="FailingSince">Since when it fails; <see langword="null"/> while it is living.</param>
/// <param name="NotBefore">Until when a failing one is left alone; <see langword="null"/> while it is living.</param>
/// <param name="Waiting">How many lanes wait; 1,000 stands for any higher number too.</param>
/// <param name="OldestSince">Since when the first of their events waits. Of many lanes, the 100 that come due first are looked at.</param>
/// <param name="Failure">Why it fails: what failed there last, in words; empty while it is living.</param>
public sealed record DestinationStatus(
    string Protocol, string Host, DateTimeOffset? FailingSince, DateTimeOffset? NotBefore, int Waiting, DateTimeOffset? OldestSince, string Failure)
{
    /// <summary>Whether it does not answer.</summary>
    public bool IsFailing => FailingSince is not null;
}
