using System.Diagnostics.Metrics;
using Microblog.Diagnostics;
using Microblog.Storage;

namespace Microblog.Search;

/// <summary>How far search is behind, as last measured.</summary>
internal sealed class SearchGauges : IDisposable
{
    private readonly Meter meter = new(MicroblogTelemetry.Name);

    public SearchGauges(TimeProvider clock) => meter.CreateObservableGauge(
        "microblog.search.age", () => State?.WaitingSince is { } since ? (clock.GetUtcNow() - since).TotalSeconds : 0, "s",
        "How long the oldest new notice has not been found by search.");

    public SearchState? State { get; set; }

    public void Dispose() => meter.Dispose();
}
