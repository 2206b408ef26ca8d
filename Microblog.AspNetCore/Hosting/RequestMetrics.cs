using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microblog.Diagnostics;

namespace Microblog.AspNetCore.Hosting;

/// <summary>Measures requests by route and status.</summary>
internal static class RequestMetrics
{
    private static readonly Histogram<double> Duration = MicroblogTelemetry.Meter.CreateHistogram<double>(
        "microblog.request.duration", "s", "How long the node took to answer.");

    public static bool IsEnabled => Duration.Enabled;

    public static void Record(TimeSpan elapsed, string method, string template, int status) =>
        Duration.Record(
            elapsed.TotalSeconds,
            new KeyValuePair<string, object?>("http.request.method", method),
            new KeyValuePair<string, object?>("http.route", template),
            new KeyValuePair<string, object?>("http.response.status_code", status));

    public static Activity? Start(string method, string template)
    {
        if (!MicroblogTelemetry.Activities.HasListeners())
            return null;
        return MicroblogTelemetry.Activities.StartActivity($"{method} {template}", ActivityKind.Internal);
    }
}
