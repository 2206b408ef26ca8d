namespace Microblog.Omb.Discovery;

/// <summary>Selects services and addresses by priority: lower first, absent last, chance among equals (OMB-101).</summary>
internal static class ServiceSelection
{
    /// <summary>The preferred (URI, LocalID) pairs of a type, all of equal rank; empty when no service offers a usable URI.</summary>
    /// <param name="services">Where to look.</param>
    /// <param name="type">What the service must be.</param>
    /// <param name="isUsable">Which URIs count.</param>
    public static IReadOnlyList<Offer> Best(IEnumerable<XrdService> services, string type, Func<string, bool> isUsable)
    {
        var usable = services
            .Where(s => s.Types.Contains(type, StringComparer.Ordinal))
            .Select(s => (s.Priority, Uris: Top(s.Uris.Where(u => isUsable(u.Text))), Ids: Top(s.LocalIds)))
            .Where(s => s.Uris.Count > 0)
            .ToList();
        if (usable.Count == 0)
            return [];

        var best = usable.Min(s => Rank(s.Priority));
        return usable
            .Where(s => Rank(s.Priority) == best)
            .SelectMany(s => s.Uris, (s, uri) => new Offer(uri, s.Ids))
            .ToList();
    }

    private static List<string> Top(IEnumerable<XrdValue> values)
    {
        var all = values.ToList();
        var best = all.Count == 0 ? 0 : all.Min(v => Rank(v.Priority));
        return all.Where(v => Rank(v.Priority) == best).Select(v => v.Text).ToList();
    }

    private static long Rank(int? priority) => priority ?? long.MaxValue;

    /// <summary>An address of a service, with the LocalIDs that go with it.</summary>
    public sealed record Offer(string Uri, IReadOnlyList<string> LocalIds);
}
