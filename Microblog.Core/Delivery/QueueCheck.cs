using Microblog.Diagnostics;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Delivery;

/// <summary>Says when deliveries to living destinations wait for us. That dead peers wait is life; whether all of them do, the check of the
/// outbound network says.</summary>
internal sealed class QueueCheck(IMicroblogStore store, TimeProvider clock, IOptions<MicroblogOptions> options) : INodeCheck
{
    public string Name => "delivery queue";

    public async ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var depth = await store.ReadAsync(
            Freshness.MayLag, (session, ct) => session.Deliveries.MeasureAsync(ct), cancellationToken).ConfigureAwait(false);
        var figures = $"{depth.Lanes} lanes wait, {depth.FailingDestinations} destinations do not answer"
            + (depth.OldestSince is { } oldest ? $", the oldest delivery has waited since {oldest:u}." : ".");
        return depth.OverdueSince is { } since && clock.GetUtcNow() - since > options.Value.Delivery.LateAfter
            ? new Finding(
                Severity.Warning,
                $"A lane to a living destination has been due since {since:u} and was not sent. {figures} Look whether a process with "
                + "Delivery.IsEnabled runs, whether the store is slow, and on the queue page which destination it is.")
            : new Finding(Severity.Good, figures);
    }
}
