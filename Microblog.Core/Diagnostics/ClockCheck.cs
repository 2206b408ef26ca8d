using Microblog.Remote;

namespace Microblog.Diagnostics;

/// <summary>Compares our clock with those that other servers answer with. Several have to agree, so that one wrong peer convicts nobody.</summary>
/// <remarks>Never worse than a warning: what strangers answer must not take the node out of service by its health check.</remarks>
internal sealed class ClockCheck(RemoteClient remote) : INodeCheck
{
    private const int Quorum = 3;

    private static readonly TimeSpan Noticeable = TimeSpan.FromMinutes(1);

    public string Name => "clock";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken) => new(Judge(remote.Peers.ClockOffsets()));

    private static string Told(int count) => count switch
    {
        0 => "No other server has",
        1 => "Only 1 other server has",
        _ => $"Only {count} other servers have",
    };

    private static Finding Judge(IReadOnlyList<TimeSpan> offsets)
    {
        if (offsets.Count < Quorum)
            return new Finding(Severity.Good, $"{Told(offsets.Count)} told the time since the start; {Quorum} are needed to judge ours.");
        var offset = offsets.Order().ElementAt(offsets.Count / 2);
        var away = offset.Duration();
        if (away < Noticeable)
            return new Finding(Severity.Good, $"It agrees with most of {offsets.Count} other servers.");
        return new Finding(
            Severity.Warning,
            $"It is {away.TotalSeconds:0} seconds {(offset > TimeSpan.Zero ? "behind" : "ahead of")} most of {offsets.Count} other servers. "
            + "They refuse our signatures, and we theirs, beyond five minutes. Set the machine's clock by NTP (timedatectl set-ntp true).");
    }
}
