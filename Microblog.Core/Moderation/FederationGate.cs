using Microblog.Storage;

namespace Microblog.Moderation;

/// <summary>Knows with which hosts nothing is exchanged, as the store had it a second ago at most.</summary>
internal sealed class FederationGate(IMicroblogStore store, TimeProvider clock)
{
    private const int AtOnce = 1_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private volatile Rules? known;

    /// <summary>Whether something may be asked of, or sent to, a host.</summary>
    /// <param name="host">As <see cref="WebAddress.HostOf"/> gives it.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<bool> IsOpenAsync(string host, CancellationToken cancellationToken)
    {
        if (known is not { } rules || clock.GetElapsedTime(rules.CheckedAt) >= MaxAge)
            known = rules = await store.ReadAsync(Freshness.Latest, ReadAsync, cancellationToken).ConfigureAwait(false);
        return DomainRule.StandingOf(host, rules.State.Mode, rules.Domains) != Standing.Suspended;
    }

    // The rules are read again only when they have changed.
    private async ValueTask<Rules> ReadAsync(IReadSession session, CancellationToken cancellationToken)
    {
        var checkedAt = clock.GetTimestamp();
        var state = await session.Moderation.FindFederationAsync(cancellationToken).ConfigureAwait(false);
        if (known is { } rules && rules.State == state)
            return rules with { CheckedAt = checkedAt };
        var domains = new Dictionary<string, Standing>(StringComparer.Ordinal);
        IReadOnlyList<DomainRule> page;
        var after = "";
        do
        {
            page = await session.Moderation.ListDomainsAsync(after, AtOnce, cancellationToken).ConfigureAwait(false);
            foreach (var rule in page)
                domains[after = rule.Domain] = rule.Standing;
        }
        while (page.Count == AtOnce);
        return new Rules(state, domains, checkedAt);
    }

    private sealed record Rules(FederationState State, IReadOnlyDictionary<string, Standing> Domains, long CheckedAt);
}
