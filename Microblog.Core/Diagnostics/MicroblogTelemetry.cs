using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microblog.Diagnostics;

/// <summary>Where every room reports its traces and metrics; a host listens to them by <see cref="Name"/>.</summary>
/// <remarks>Shared by all nodes of a process. Nothing here carries a secret, a body or a full address with its query.</remarks>
public static class MicroblogTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Microblog";

    /// <summary>Starts the spans of every room.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Makes the instruments of every room; their names begin with <c>microblog.</c>, durations are in seconds.</summary>
    public static Meter Meter { get; } = new(Name);
}
