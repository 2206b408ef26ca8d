using Microblog.Moderation;
using Microblog.Storage;

namespace Microblog.Omb;

/// <summary>Finds hosts with which the operator exchanges nothing.</summary>
internal static class BlockedHosts
{
    /// <summary>The first of some hosts that is blocked; <see langword="null"/> when none is.</summary>
    public static async ValueTask<string?> FindAsync(IReadSession session, IEnumerable<string> hosts, CancellationToken cancellationToken)
    {
        foreach (var host in hosts.Distinct(StringComparer.Ordinal))
        {
            if (await session.Moderation.FindHostAsync(host, cancellationToken).ConfigureAwait(false) == Standing.Suspended)
                return host;
        }

        return null;
    }
}
