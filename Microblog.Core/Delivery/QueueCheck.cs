using Microblog.Diagnostics;
using Microblog.Storage;

namespace Microblog.Delivery;

/// <summary>Says when deliveries have waited for long: for a dead peer that is life, for all of them it is our own network.</summary>
internal sealed class QueueCheck(IMicroblogStore store, TimeProvider clock) : INodeCheck
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(1);

    public string Name => "delivery queue";

    public async ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var depth = await store.ReadAsync(
            Freshness.MayLag, (session, ct) => session.Deliveries.MeasureAsync(ct), cancellationToken).ConfigureAwait(false);
        return depth.OldestSince is { } since && clock.GetUtcNow() - since > Long
            ? new Finding(
                Severity.Warning,
                $"Something has waited since {since:u}; {depth.FailingDestinations} destinations do not answer. The queue page names them; "
                + "if they are all there are, this node cannot reach the network.")
            : new Finding(Severity.Good, $"{depth.Lanes} lanes wait, {depth.FailingDestinations} destinations do not answer.");
    }
}
