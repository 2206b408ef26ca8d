using System.Text;
using Microblog.Identity;
using Microblog.Media;
using Microblog.Moderation;
using Microblog.Omb.Discovery;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Policies;
using Microblog.Storage;
using Microsoft.Extensions.Logging;

namespace Microblog.Omb.Remote;

/// <summary>Keeps a remote subscriber once its service has given an access token: profile, endpoints and token in one transaction.</summary>
internal sealed class SubscriberDesk(
    IMicroblogStore store, AvatarKeeper avatars, ISecretProtector protector, IEnumerable<ISubscriptionPolicy> policies, TimeProvider clock, ILogger<SubscriberDesk> logger)
{
    /// <summary>Adds the subscription, or renews the one from the same hosts; one from other hosts stays beside it (OMB-125).</summary>
    /// <returns>The publisher.</returns>
    public async ValueTask<Outcome<Profile>> AddAsync(
        PendingDance dance, PersonFields person, TokenResponse access, CancellationToken cancellationToken)
    {
        using var subscriptionId = store.Ids.Draw();
        using var profileId = store.Ids.Draw();
        var now = clock.GetUtcNow();
        var subscriber = SubscriberOf(dance, person, profileId.Profile, now);
        var secret = protector.Protect(Encoding.UTF8.GetBytes(access.Credentials.Secret));
        var publisher = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(dance.Publisher, ct), cancellationToken).ConfigureAwait(false);
        if (publisher is not { MayAct: true })
            return Outcome<Profile>.Refused("This person has left, or is suspended.");
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(subscriber, publisher, cancellationToken).ConfigureAwait(false) is { } objection)
                return Outcome<Profile>.Refused(objection);
        }

        var result = await store.ExecuteAsync(
            async (session, ct) =>
            {
                var hosts = dance.Endpoints.Addresses.Select(WebAddress.HostOf).Append(subscriber.Host);
                if (await BlockedHosts.FindAsync(session, hosts, ct).ConfigureAwait(false) is { } host)
                    return Outcome<Profile>.Refused(OmbRefusal.InWords(host));
                if (await session.Moderation.FindStandingAsync(subscriber.Uri, ct).ConfigureAwait(false) == Standing.Suspended)
                    return Outcome<Profile>.Refused("The operators of this site have suspended you.");
                if (await session.Subscriptions.IsBlockedAsync(publisher.Id, subscriber.Uri, ct).ConfigureAwait(false))
                    return Outcome<Profile>.Refused("This person does not want you as a subscriber.");
                var peer = PeerOf(dance.Endpoints);
                var known = await session.Subscriptions.FindSubscriberAsync(publisher.Id, subscriber.Uri, peer, ct).ConfigureAwait(false);
                var id = known?.Id ?? subscriptionId.Subscription;
                var subscriberId = await session.Profiles.SaveRemoteAsync(subscriber with { Scope = id }, ct).ConfigureAwait(false);
                await avatars.RefreshAsync(session, subscriber with { Id = subscriberId }, ct).ConfigureAwait(false);
                // Who has been approved once need not ask again to renew the token (OMB-138).
                var isApproved = !publisher.ApprovesFollowers || known is { State: SubscriptionState.Active };
                var subscription = new Subscription
                    {
                        Id = id,
                        Subscriber = subscriberId,
                        Publisher = publisher.Id,
                        State = isApproved ? SubscriptionState.Active : SubscriptionState.Requested,
                        Protocol = OmbNames.Protocol,
                        IsSubscriberLocal = false,
                        Peer = peer,
                        Endpoint = dance.Endpoints.PostNotice,
                        ProfileEndpoint = dance.Endpoints.UpdateProfile,
                        Token = access.Credentials.Token,
                        ProtectedSecret = secret,
                        CreatedAt = known?.CreatedAt ?? now,
                    };
                await session.Subscriptions.SaveAsync(subscription, ct).ConfigureAwait(false);
                // A token that is renewed is no news.
                if (known?.State != subscription.State)
                    await session.Notifications.AddAsync(Notification.Of(subscription, subscriptionId.Position), ct).ConfigureAwait(false);
                return Outcome<Profile>.Done(publisher);
            },
            cancellationToken).ConfigureAwait(false);
        if (result.Problem is null)
            logger.Subscribed(publisher.Nickname, subscriber.Uri.Value, dance.Endpoints.PostNotice);
        return result;
    }

    /// <summary>The hosts of all five endpoints, in their order: two subscriptions of one pair differ by it (OMB-126).</summary>
    public static string PeerOf(OmbEndpoints endpoints) => string.Join(' ', endpoints.Addresses.Select(WebAddress.HostOf));

    // The identity is what discovery found, not what the callback said (OMB-124). DJ sends a nickname only, others less.
    private static Profile SubscriberOf(PendingDance dance, PersonFields person, ProfileId id, DateTimeOffset now)
    {
        var host = WebAddress.HostOf(dance.Endpoints.Identifier) is { Length: > 0 } own ? own : WebAddress.HostOf(dance.ProfileUrl);
        return person.ApplyTo(
            new Profile
            {
                Id = id,
                Uri = ProfileUri.Parse(dance.Endpoints.Identifier),
                Nickname = host,
                Url = dance.ProfileUrl,
                IsLocal = false,
                Host = host,
            },
            now);
    }
}
