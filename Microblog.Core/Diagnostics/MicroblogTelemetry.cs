using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microblog.Diagnostics;

/// <summary>Where the node's traces and figures come from. Both sources are named <c>Microblog</c>.</summary>
public static class MicroblogTelemetry
{
    /// <summary>The name to listen to.</summary>
    public const string Name = "Microblog";

    /// <summary>Traces: requests, verifications, deliveries, fetches.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Figures.</summary>
    public static Meter Meter { get; } = new(Name);
}
