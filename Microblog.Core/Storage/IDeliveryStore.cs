using Microblog.Delivery;

namespace Microblog.Storage;

/// <summary>Looks at the delivery queue.</summary>
public interface IDeliveryReader
{
    /// <summary>Lanes with something to send, longest failing first.</summary>
    ValueTask<IReadOnlyList<LaneStatus>> ListWaitingAsync(int count, CancellationToken cancellationToken);

    /// <summary>One lane, whether something waits in it or not; <see langword="null"/> when there is none of this number.</summary>
    ValueTask<LaneStatus?> FindLaneAsync(long id, CancellationToken cancellationToken);

    /// <summary>What waits in a lane, in the order in which it will be sent; empty when there is no such lane.</summary>
    ValueTask<IReadOnlyList<DeliveryEvent>> ListEventsAsync(long lane, int count, CancellationToken cancellationToken);

    /// <summary>One delivery that was given up; <see langword="null"/> when it is not kept, or was put back.</summary>
    ValueTask<FailedDelivery?> FindFailedAsync(long id, CancellationToken cancellationToken);

    /// <summary>Deliveries that were given up, newest first.</summary>
    ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(int count, CancellationToken cancellationToken);

    /// <summary>Given-up deliveries of one author's notices and profile, newest first. Look-ups are not among them.</summary>
    ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(ProfileId author, int count, CancellationToken cancellationToken);

    /// <summary>Destinations that fail, longest failing first; then living ones with something to send, by when the first lane comes due.</summary>
    ValueTask<IReadOnlyList<DestinationStatus>> ListDestinationsAsync(int count, CancellationToken cancellationToken);

    /// <summary>How many lanes wait, and since when the oldest of them.</summary>
    ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The delivery queue: events, which are rows of their author's log, and lanes, each of which has read its author's log up to some event.
/// </summary>
/// <remarks>
/// Publishing to ten thousand lanes therefore adds one event and wakes lanes; what waits in a lane is the rest of the log
/// (docs/decisions/0003). The store's clock counts, not the caller's. Two workers never hold the same lane.
/// </remarks>
public interface IDeliveryStore : IDeliveryReader
{
    /// <summary>Adds an event to its author's log and wakes the first of the author's lanes; <see cref="INoticeStore.ContinueAsync"/> wakes the rest.</summary>
    /// <remarks>Of the profile changes of one author, only the last is kept.</remarks>
    ValueTask EnqueueAsync(DeliveryEvent item, CancellationToken cancellationToken);

    /// <summary>Adds an event for one lane alone, which is opened if need be.</summary>
    /// <remarks>A lane opened here carries such events only, not its author's log, and closes with the last of them, unless a
    /// subscription opens it for the log meanwhile.</remarks>
    /// <param name="lane">Which lane.</param>
    /// <param name="item">What to send.</param>
    /// <param name="limit">How many such events may wait at the lane's destination.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there was room.</returns>
    ValueTask<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit, CancellationToken cancellationToken);

    /// <summary>Takes due lanes, longest waiting first, with a batch from each, and hides them until the lease ends.</summary>
    /// <param name="request">How many, how much, how long.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <remarks>At most <see cref="LeaseRequest.PerDestination"/> lanes of one destination are out at once. Failing destinations are leased
    /// only when <see cref="LeaseRequest.Failing"/> asks for them, one lane of each at a time and not before the time that its last
    /// failure named, so that they cost the living nothing. A destination fails from a settlement that says so until one of its lanes
    /// settles without a failure.</remarks>
    ValueTask<Lease> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Records what became of leased lanes' deliveries and gives the lanes back.</summary>
    /// <param name="settlements">Each lane once at most: how far it got, and when it goes on. Of any leases.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>How many were still held. Where the lease has passed to another worker or the lane is gone, nothing changed.</returns>
    /// <remarks>Where lanes of one destination disagree whether it fails, either may stand, as if they had come one after the other.</remarks>
    ValueTask<int> SettleAsync(IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken);

    /// <summary>Puts a given-up delivery into its lane again.</summary>
    /// <returns>Whether it and its lane were there.</returns>
    ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken);

    /// <summary>Puts the given-up deliveries of one destination back into their lanes, oldest first. Those whose lane is gone stay where they are.</summary>
    /// <param name="host">The destination, of whichever protocol.</param>
    /// <param name="count">At most so many, so that nobody else's write waits long.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>How many it put back; fewer than <paramref name="count"/> when none is left.</returns>
    ValueTask<int> RetryAllAsync(string host, int count, CancellationToken cancellationToken);

    /// <summary>Has a destination tried now, of whichever protocol: one lane of it comes due, and a failing one is not left alone any longer.</summary>
    /// <remarks>Whether it fails, and since when, stays until the try has ended.</remarks>
    /// <returns>Whether something waits there.</returns>
    ValueTask<bool> ProbeAsync(string host, CancellationToken cancellationToken);

    /// <summary>How many given-up deliveries are kept, the newest ones: peers that refuse everything must not fill the store.</summary>
    const int FailuresKept = 1_000;

    /// <summary>Removes events that every lane has passed, and given-up deliveries beyond <see cref="FailuresKept"/>, at most <paramref name="count"/>.</summary>
    /// <returns>How many rows went.</returns>
    ValueTask<int> PruneAsync(int count, CancellationToken cancellationToken);
}
