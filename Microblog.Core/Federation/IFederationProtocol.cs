using Microblog.Delivery;

namespace Microblog.Federation;

/// <summary>One way in which people on different services hear each other.</summary>
public interface IFederationProtocol
{
    /// <summary>Its name in subscriptions and lanes, such as <c>omb</c>; never changes, for it is stored.</summary>
    string Name { get; }

    /// <summary>Begins to subscribe a local person to somebody elsewhere.</summary>
    /// <param name="subscriber">Who wants to hear.</param>
    /// <param name="target">What the person typed: an address of somebody's page.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns><see langword="null"/> when the target means nothing to this protocol, so that the next one is asked.</returns>
    ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken);

    /// <summary>Sends a lane's batch in order and stops at the first delivery that has to wait.</summary>
    /// <returns>One outcome for each event, in order, as far as it got. An exception counts as a failure of the lane and is logged.</returns>
    ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken);
}
