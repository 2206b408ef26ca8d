namespace Microblog.Delivery;

/// <summary>Sends a lane's batch one by one, for protocols that know no better way.</summary>
public static class LaneBatch
{
    /// <summary>Sends in order and stops at the first delivery that has to wait, when nobody listens any more, or when the token is
    /// cancelled because the node stops or the lease ends: what was sent before that counts.</summary>
    public static async ValueTask<IReadOnlyList<DeliveryOutcome>> SendInOrderAsync(
        LeasedLane lane, Func<DeliveryEvent, CancellationToken, ValueTask<DeliveryOutcome>> sendAsync, CancellationToken cancellationToken)
    {
        var outcomes = new List<DeliveryOutcome>(lane.Events.Count);
        foreach (var item in lane.Events)
        {
            try
            {
                outcomes.Add(await sendAsync(item, cancellationToken).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                outcomes.Add(DeliveryOutcome.Stopped);
            }

            if (outcomes[^1] is DeliveryOutcome.TryAgain or DeliveryOutcome.Interrupted or DeliveryOutcome.Gone)
                break;
        }

        return outcomes;
    }
}
