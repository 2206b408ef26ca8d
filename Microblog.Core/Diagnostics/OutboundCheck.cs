using Microblog.Remote;

namespace Microblog.Diagnostics;

/// <summary>Whether requests to other servers get anywhere. It asks nobody: it looks at what deliveries and look-ups have seen.</summary>
/// <remarks>Never worse than a warning: what strangers do must not take the node out of service by its health check.</remarks>
internal sealed class OutboundCheck(RemoteClient remote) : INodeCheck
{
    private const int ManyHosts = 3;

    public string Name => "outbound network";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var (answeredAt, failedSince, failure) = remote.Peers.Reachability();
        var last = answeredAt is { } at ? $"since {at:u}" : "since the start";
        return new(failedSince >= ManyHosts
            ? new Finding(
                Severity.Warning,
                $"No server has answered {last}, and {failedSince} different ones were asked. The last: {failure}. "
                + "Look at this machine's DNS, firewall and route to the internet.")
            : new Finding(
                Severity.Good,
                (answeredAt is null ? "Nobody has answered yet." : $"The last answer came {answeredAt:u}.")
                + (failure.Length == 0 ? "" : $" What failed last: {failure}.")));
    }
}
