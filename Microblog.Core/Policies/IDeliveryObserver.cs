using Microblog.Delivery;

namespace Microblog.Policies;

/// <summary>Hears of deliveries that were given up, so that the host can tell whoever wrote them: by mail, or in its own pages.</summary>
/// <remarks>All registered observers are told, one after the other, by the process that gave up, after it is recorded. At most once: a
/// process that is killed just then tells nobody. The author finds it in the settings and the operator in the queue all the same. What an
/// observer throws is logged. Not called for look-ups.</remarks>
public interface IDeliveryObserver
{
    /// <summary>Hears of one delivery that was given up.</summary>
    /// <param name="lane">Where it was to go.</param>
    /// <param name="item">What it was, and whose.</param>
    /// <param name="reason">Why, in words; partly the other service's, not checked.</param>
    /// <param name="cancellationToken">The node stops.</param>
    ValueTask GaveUpAsync(Lane lane, DeliveryEvent item, string reason, CancellationToken cancellationToken);
}
