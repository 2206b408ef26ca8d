using Microblog.Delivery;

namespace Microblog.Federation;

/// <summary>Works off lanes: sends to other services, or looks something up there.</summary>
public interface ILaneProtocol
{
    /// <summary>Its name in lanes, such as <c>omb</c>; never changes, for it is stored.</summary>
    string Name { get; }

    /// <summary>Sends a lane's batch in order and stops at the first delivery that has to wait; see <see cref="LaneBatch"/>.</summary>
    /// <param name="lane">The lane with its batch.</param>
    /// <param name="cancellationToken">The node stops, or the lease will end soon: return what was done.</param>
    /// <returns>One outcome for each event, in order, as far as it got. An exception counts as a failure of the lane and is logged.</returns>
    ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken);
}
