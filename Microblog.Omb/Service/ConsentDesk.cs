using Microblog.Media;
using Microblog.Moderation;
using Microblog.Omb.Messages;
using Microblog.Policies;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>What this service takes to be agreed to, and what an agreement makes.</summary>
internal sealed class ConsentDesk(
    IMicroblogStore store, OmbAcceptance acceptance, AvatarKeeper avatars, IEnumerable<ISubscriptionPolicy> policies, TimeProvider clock,
    IOptions<MicroblogOptions> node, IOptions<OmbOptions> options)
{
    /// <summary>The reason not even to ask, or <see langword="null"/>.</summary>
    public OmbRefusal? ObjectTo(Consent consent) =>
        acceptance.ObjectToConsumer(consent.Pending.Token.ConsumerKey)
        ?? acceptance.ObjectToOwn(OmbNames.Listenee, consent.Request.Listenee.Value)
        ?? ObjectToIdentifier(consent.Request.Listenee)
        ?? acceptance.ObjectToPerson(consent.Request.Person)
        ?? (consent.Pending.CallbackHostDiffers && !options.Value.AcceptCallbacksOnOtherHosts
            ? OmbRefusal.Malformed($"The callback leads to {consent.Pending.Callback!.Host}, which is not the host of the consumer key {consent.Pending.Token.ConsumerKey}.")
            : null);

    // Any scheme will do (OMB-40), but an http(s) identifier whose host cannot be told for sure would be shown under another one.
    private static OmbRefusal? ObjectToIdentifier(ProfileUri listenee) =>
        listenee.Value.StartsWith("http", StringComparison.OrdinalIgnoreCase) && !WebAddress.IsValid(listenee.Value)
            ? OmbRefusal.Malformed($"{OmbNames.Listenee} is not a usable http(s) address.")
            : null;

    /// <summary>Keeps the listenee's profile, for this listener, and the subscription that the exchange of the token puts in force.</summary>
    public async ValueTask<Outcome<ConsentRecord>> AgreeAsync(Consent consent, CancellationToken cancellationToken)
    {
        using var subscriptionId = store.Ids.Draw();
        using var profileId = store.Ids.Draw();
        var now = clock.GetUtcNow();
        var listenee = ListeneeOf(consent, profileId.Profile, now);
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(consent.Listener, listenee, cancellationToken).ConfigureAwait(false) is { } objection)
                return Outcome<ConsentRecord>.Refused(objection);
        }

        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await BlockedHosts.FindAsync(session, [consent.ConsumerHost, listenee.Host], ct).ConfigureAwait(false) is { } host)
                    return Outcome<ConsentRecord>.Refused(OmbRefusal.InWords(host));
                if (await session.Moderation.FindStandingAsync(listenee.Uri, ct).ConfigureAwait(false) == Standing.Suspended)
                    return Outcome<ConsentRecord>.Refused("The operators of this site have suspended this person.");
                if (await session.Subscriptions.IsBlockedAsync(consent.Listener.Id, consent.Request.Listenee, ct).ConfigureAwait(false))
                    return Outcome<ConsentRecord>.Refused("You block this person. Take the block back first.");
                // The peer is the consumer key: another key is another subscription, which never takes over this one's data.
                var peer = consent.Pending.Token.ConsumerKey;
                var known = await session.Subscriptions.FindAsync(consent.Listener.Id, consent.Request.Listenee, peer, ct).ConfigureAwait(false);
                // One from a time when the operator trusted the host, or did not yet, is another subscription.
                if (known is not null
                    && (await session.Profiles.FindAsync(known.Publisher, ct).ConfigureAwait(false))?.Scope.IsNone != IsTrusted(consent))
                    known = null;
                var id = known?.Id ?? subscriptionId.Subscription;
                var publisher = await KeepAsync(session, listenee, IsTrusted(consent) ? default : id, ct).ConfigureAwait(false);
                if (known is { State: SubscriptionState.Active })
                    return Outcome<ConsentRecord>.Done(new ConsentRecord(id));
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = id,
                        Subscriber = consent.Listener.Id,
                        Publisher = publisher,
                        State = SubscriptionState.Requested,
                        Protocol = OmbNames.Protocol,
                        IsSubscriberLocal = true,
                        Peer = peer,
                        CreatedAt = now,
                    },
                    ct).ConfigureAwait(false);
                return Outcome<ConsentRecord>.Done(new ConsentRecord(id));
            },
            cancellationToken).ConfigureAwait(false);
    }

    // The authorization's address is not signed, so what it says never changes a profile that everybody sees; only a signed update does.
    private async ValueTask<ProfileId> KeepAsync(
        IStoreSession session, Profile listenee, SubscriptionId scope, CancellationToken cancellationToken)
    {
        if (scope.IsNone && await session.Profiles.FindAsync(listenee.Uri, scope, cancellationToken).ConfigureAwait(false) is { } known)
            return known.Id;
        var id = await session.Profiles.SaveRemoteAsync(listenee with { Scope = scope }, cancellationToken).ConfigureAwait(false);
        await avatars.RefreshAsync(session, listenee with { Id = id }, cancellationToken).ConfigureAwait(false);
        return id;
    }

    private static Profile ListeneeOf(Consent consent, ProfileId id, DateTimeOffset now) =>
        consent.Request.Person.ApplyTo(
            new Profile
            {
                Id = id,
                Uri = consent.Request.Listenee,
                Nickname = "",
                Url = "",
                IsLocal = false,
                Host = consent.ListeneeHost,
            },
            now);

    // OMB-65: the operator trusts the identifier's host, and the consumer key is of it too. Where a secret was agreed on with that
    // host, only the key that it was agreed for counts, for any other spelling of it comes with the empty secret.
    private bool IsTrusted(Consent consent)
    {
        var host = consent.IdentifierHost;
        if (host.Length == 0 || !node.Value.TrustedHosts.Contains(host) || consent.ConsumerHost != host)
            return false;
        var consumers = options.Value.Consumers;
        return consumers.ContainsKey(consent.Pending.Token.ConsumerKey) || !consumers.Keys.Any(key => ConsumerKeys.HostOf(key) == host);
    }
}
