using System.Diagnostics.Metrics;
using Microblog.Storage;

namespace Microblog.Diagnostics;

/// <summary>Depth and age of the delivery queue, as last measured.</summary>
internal sealed class QueueGauges : IDisposable
{
    private readonly TimeProvider clock;
    private readonly Meter meter = new(MicroblogTelemetry.Name);
    private Delivery.QueueDepth depth = new(0, 0, null, null);

    public QueueGauges(TimeProvider clock)
    {
        this.clock = clock;
        meter.CreateObservableGauge("microblog.queue.lanes", () => depth.Lanes, "{lane}", "Lanes with something to send.");
        meter.CreateObservableGauge(
            "microblog.queue.failing", () => depth.FailingDestinations, "{destination}", "Destinations that do not answer.");
        meter.CreateObservableGauge(
            "microblog.queue.age", () => depth.OldestSince is { } since ? (this.clock.GetUtcNow() - since).TotalSeconds : 0, "s", "How long the longest waiting lane has waited.");
    }

    public async ValueTask MeasureAsync(IMicroblogStore store, CancellationToken cancellationToken) =>
        depth = await store.ReadAsync(Freshness.MayLag, (session, ct) => session.Deliveries.MeasureAsync(ct), cancellationToken).ConfigureAwait(false);

    public void Dispose() => meter.Dispose();
}
