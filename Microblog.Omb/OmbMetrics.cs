using System.Diagnostics.Metrics;
using Microblog.Diagnostics;

namespace Microblog.Omb;

/// <summary>Counts what is refused.</summary>
internal static class OmbMetrics
{
    private static readonly Counter<long> Refusals = MicroblogTelemetry.Meter.CreateCounter<long>(
        "microblog.omb.refusals", "{request}", "Requests of other services that were refused, by operation and reason.");

    private static readonly Counter<long> Verifications = MicroblogTelemetry.Meter.CreateCounter<long>(
        "microblog.omb.verifications", "{request}", "Pushes of other services whose signature was checked, by operation and whether it held.");

    public static void Verified(string operation, bool holds) =>
        Verifications.Add(1, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("holds", holds));

    public static void Refused(string operation, string reason) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("reason", reason));
}
