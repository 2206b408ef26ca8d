using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microblog.Diagnostics;

namespace Microblog.Remote;

internal static class RemoteMetrics
{
    private static readonly Histogram<double> Duration = MicroblogTelemetry.Meter.CreateHistogram<double>(
        "microblog.remote.duration", "s", "Time of requests to other servers, redirects and body included.");

    public static void Record(Activity? activity, RemoteRequest request, RemoteResult result, TimeSpan elapsed)
    {
        var outcome = result switch
        {
            RemoteResult.Answered answered => $"{answered.Status / 100}xx",
            RemoteResult.Failed failed => failed.Reason.ToString(),
            _ => throw new UnreachableException(),
        };
        Duration.Record(elapsed.TotalSeconds, new("method", request.Method.Method), new("outcome", outcome));
        activity?.SetTag("http.request.method", request.Method.Method)
            .SetTag("server.address", request.Uri.Host)
            .SetTag("outcome", outcome);
    }
}
