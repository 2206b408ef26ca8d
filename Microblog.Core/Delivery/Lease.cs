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
/// <see langword="null"/> while nothing waits.</param>
public sealed record Lease(LeaseToken Token, IReadOnlyList<LeasedLane> Lanes, DateTimeOffset? NextDue);

/// <summary>One lane of a lease.</summary>
/// <param name="Id">The store's number for the lane.</param>
/// <param name="Lane">Whose events, where to.</param>
/// <param name="Attempts">How often sending has failed in a row.</param>
/// <param name="FailingSince">Since when it fails, or <see langword="null"/>.</param>
/// <param name="Events">The batch, in order; never empty.</param>
public sealed record LeasedLane(long Id, Lane Lane, int Attempts, DateTimeOffset? FailingSince, IReadOnlyList<DeliveryEvent> Events);

/// <summary>How far a leased lane got.</summary>
/// <param name="LaneId">The store's number for the lane.</param>
/// <param name="Through">The last event that is done with, delivered or given up; 0 for none.</param>
/// <param name="Refused">The events among them that were given up, with the reason.</param>
/// <param name="RetryAt">When to go on after a failure; <see langword="null"/> when nothing failed.</param>
/// <param name="Failure">What failed, in words for the queue page; empty when nothing failed.</param>
/// <param name="IsDestinationFailing">Whether the failure says something about the whole destination: no connection, a time-out, a server error.</param>
public sealed record LaneSettlement(
    long LaneId, long Through, IReadOnlyList<RefusedDelivery> Refused, DateTimeOffset? RetryAt, string Failure, bool IsDestinationFailing);

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

/// <summary>A given-up delivery on the queue page.</summary>
public sealed record FailedDelivery(long Id, Lane Lane, DeliveryEvent Event, DateTimeOffset At, string Reason);

/// <summary>How full the queue is.</summary>
/// <param name="Lanes">Lanes with something to send.</param>
/// <param name="FailingDestinations">Destinations that do not answer.</param>
/// <param name="OldestSince">Since when the longest waiting lane waits; <see langword="null"/> when none does.</param>
public sealed record QueueDepth(int Lanes, int FailingDestinations, DateTimeOffset? OldestSince);
