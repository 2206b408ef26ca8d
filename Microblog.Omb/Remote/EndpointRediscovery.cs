using Microblog.Omb.Discovery;
using Microblog.Storage;
using Microsoft.Extensions.Logging;

namespace Microblog.Omb.Remote;

/// <summary>Looks for a subscriber's endpoints again when the known ones are gone (404, 410): its service may have rearranged its
/// addresses. openmicroblogging.md §9, OAUTH-56.</summary>
/// <remarks>One subscriber is asked for each push that failed, and each at most once an hour by one process. Safe for concurrent use.</remarks>
internal sealed class EndpointRediscovery(
    ProfileDiscovery discovery, IMicroblogStore store, TimeProvider clock, ILogger<EndpointRediscovery> logger)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<SubscriptionId, DateTimeOffset> askedAt = [];

    /// <summary>Asks the first of the subscribers whose turn it is.</summary>
    /// <returns>Whether that subscription now has other endpoints, to which its lane goes on with what waits.</returns>
    public async ValueTask<bool> TryMoveAsync(IReadOnlyList<Subscription> subscriptions, CancellationToken cancellationToken)
    {
        if (subscriptions.FirstOrDefault(IsTurn) is not { } subscription)
            return false;
        var subscriber = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(subscription.Subscriber, ct), cancellationToken).ConfigureAwait(false);
        if (subscriber is null
            || await discovery.DiscoverAsync(subscriber.Url, cancellationToken).ConfigureAwait(false) is not DiscoveryResult.Found found
            || found.Endpoints.Identifier != subscriber.Uri.Value
            || !MayReplace(subscription, found.Endpoints))
            return false;

        var isMoved = await store.ExecuteAsync(
            async (session, ct) =>
            {
                // A new dance, or the end, may have come meanwhile.
                if (await session.Subscriptions.FindAsync(subscription.Id, ct).ConfigureAwait(false) is not { State: SubscriptionState.Active } known
                    || known.Endpoint != subscription.Endpoint || known.Token != subscription.Token)
                    return false;
                await session.Subscriptions.SaveAsync(
                    known with { Endpoint = found.Endpoints.PostNotice, ProfileEndpoint = found.Endpoints.UpdateProfile }, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (isMoved)
            logger.EndpointMoved(subscription.Endpoint, found.Endpoints.PostNotice);
        return isMoved;
    }

    // The token was given by these hosts, so it goes to no other, and never from https to http.
    private static bool MayReplace(Subscription subscription, OmbEndpoints endpoints) =>
        SubscriberDesk.PeerOf(endpoints) == subscription.Peer
        && !IsDowngrade(subscription.Endpoint, endpoints.PostNotice)
        && !IsDowngrade(subscription.ProfileEndpoint, endpoints.UpdateProfile)
        && (subscription.Endpoint, subscription.ProfileEndpoint) != (endpoints.PostNotice, endpoints.UpdateProfile);

    private static bool IsDowngrade(string from, string to) =>
        from.StartsWith("https:", StringComparison.OrdinalIgnoreCase) && !to.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private bool IsTurn(Subscription subscription)
    {
        var now = clock.GetUtcNow();
        lock (gate)
        {
            if (askedAt.TryGetValue(subscription.Id, out var last) && now - last < Pause)
                return false;
            if (askedAt.Count >= MaxRemembered)
                askedAt.Clear();
            askedAt[subscription.Id] = now;
            return true;
        }
    }
}
