using System.Diagnostics.Metrics;
using Microblog.Delivery;

namespace Microblog.Diagnostics;

/// <summary>Counts deliveries.</summary>
internal static class DeliveryMetrics
{
    private static readonly Counter<long> Outcomes = MicroblogTelemetry.Meter.CreateCounter<long>(
        "microblog.deliveries", "{delivery}", "Deliveries tried, by outcome.");

    private static readonly Histogram<double> Duration = MicroblogTelemetry.Meter.CreateHistogram<double>(
        "microblog.delivery.batch.duration", "s", "How long a lane's batch took.");

    public static void Record(IReadOnlyList<DeliveryOutcome> outcomes, TimeSpan duration)
    {
        foreach (var outcome in outcomes)
            Outcomes.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
        Duration.Record(duration.TotalSeconds);
    }

    private static string NameOf(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Done => "delivered",
        DeliveryOutcome.Refused => "refused",
        DeliveryOutcome.TryAgain => "waiting",
        DeliveryOutcome.Interrupted => "stopped",
        _ => "gone",
    };
}
