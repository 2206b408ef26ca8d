using Microblog.Diagnostics;
using Microblog.Policies;
using Microsoft.Extensions.Logging;

namespace Microblog.Delivery;

/// <summary>Tells the log and the host what has been given up, once it is recorded.</summary>
internal sealed class GiveUps(IEnumerable<IDeliveryObserver> observers, ILogger<GiveUps> logger)
{
    public async Task TellAsync(LeasedLane lane, IReadOnlyList<RefusedDelivery> refused, CancellationToken cancellationToken)
    {
        foreach (var (number, reason) in refused)
        {
            logger.DeliveryGivenUp(number, lane.Lane.Endpoint, reason);
            var item = lane.Events.First(item => item.Number == number);
            if (item.Kind == DeliveryEventKind.Lookup)
                continue;
            foreach (var observer in observers)
                await TellAsync(observer, lane.Lane, item, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(IDeliveryObserver observer, Lane lane, DeliveryEvent item, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await observer.GaveUpAsync(lane, item, reason, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                logger.ObserverFailed(e, observer.GetType().Name, item.Number);
        }
    }
}
