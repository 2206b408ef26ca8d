using Microblog.Storage;

namespace Microblog.Moderation;

/// <summary>Knows with which hosts nothing is exchanged, as the store had it a second ago at most. Safe for concurrent use.</summary>
public sealed class FederationGate
{
    private const int AtOnce = 1_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private readonly IMicroblogStore store;
    private readonly NodeAddresses addresses;
    private readonly TimeProvider clock;
    private volatile Rules? known;

    internal FederationGate(IMicroblogStore store, NodeAddresses addresses, TimeProvider clock) =>
        (this.store, this.addresses, this.clock) = (store, addresses, clock);

    /// <summary>Whether something may be taken from, asked of, or sent to, a host. The node's own is always open.</summary>
    /// <param name="host">As <see cref="WebAddress.HostOf"/> gives it; empty for somebody who does not say where they are.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StoreException">The rules could not be read.</exception>
    public async ValueTask<bool> IsOpenAsync(string host, CancellationToken cancellationToken)
    {
        if (host == addresses.Host)
            return true;
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
