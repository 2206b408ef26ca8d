using Microblog.Delivery;
using Microblog.Federation;
using Microblog.People;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Subscribing;

/// <summary>Begins, approves and ends subscriptions.</summary>
internal sealed class SubscriptionDesk(
    IMicroblogStore store, NodeAddresses addresses, IEnumerable<IFederationProtocol> protocols, IEnumerable<ISubscriptionPolicy> policies,
    TimeProvider clock, DeliverySignal signal)
{
    public async Task<SubscribeResult> SubscribeAsync(ProfileId subscriber, string target, CancellationToken cancellationToken)
    {
        var wanted = target.Trim();
        if (wanted.Length is 0 or > WebAddress.MaxLength || !NoticeText.IsStorable(wanted))
            return new SubscribeResult.Refused("Type the address of the person's page, or a nickname of this site.");

        var (listener, publisher) = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => (
                await session.Profiles.FindAsync(subscriber, ct).ConfigureAwait(false),
                LocalNickname(wanted) is { } nickname ? await session.Profiles.FindLocalAsync(nickname, ct).ConfigureAwait(false) : null),
            cancellationToken).ConfigureAwait(false);
        if (listener is not { MayAct: true })
            return new SubscribeResult.Refused(listener is null ? "You have no profile here." : Presence.ObjectionTo(listener));
        if (publisher is { MayAct: true })
            return await SubscribeLocallyAsync(listener, publisher, cancellationToken).ConfigureAwait(false);
        if (publisher is not null || LocalNickname(wanted) is not null)
            return new SubscribeResult.Refused("There is nobody of this name here.");

        foreach (var protocol in protocols)
        {
            if (await protocol.SubscribeAsync(listener, wanted, cancellationToken).ConfigureAwait(false) is { } result)
                return result;
        }

        return new SubscribeResult.Refused("This is not the address of anybody we know how to reach. Type the address of the person's page.");
    }

    /// <summary>What the host's policies have against a subscription, or nothing.</summary>
    public async ValueTask<string?> ObjectToAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(subscriber, publisher, cancellationToken).ConfigureAwait(false) is { } objection)
                return objection;
        }

        return null;
    }

    /// <summary>Has one person of this node hear another, in the caller's transaction; the policies have been asked before.</summary>
    public async ValueTask<SubscribeResult> SubscribeAsync(
        IStoreSession session, Profile subscriber, Profile publisher, DrawnId id, CancellationToken cancellationToken)
    {
        if (await session.Subscriptions.IsBlockedAsync(publisher.Id, subscriber.Uri, cancellationToken).ConfigureAwait(false)
            || await session.Subscriptions.IsBlockedAsync(subscriber.Id, publisher.Uri, cancellationToken).ConfigureAwait(false))
            return new SubscribeResult.Refused("You cannot subscribe to this person.");
        // Either may have left, or been suspended, meanwhile.
        if (await session.Profiles.FindAsync(subscriber.Id, cancellationToken).ConfigureAwait(false) is not { MayAct: true }
            || await session.Profiles.FindAsync(publisher.Id, cancellationToken).ConfigureAwait(false) is not { MayAct: true })
            return new SubscribeResult.Refused("One of you is not here any more.");
        var known = await session.Subscriptions.FindAsync(subscriber.Id, publisher.Uri, "", cancellationToken).ConfigureAwait(false);
        if (known is { State: SubscriptionState.Active })
            return new SubscribeResult.Active(known.Id);
        var state = publisher.ApprovesFollowers ? SubscriptionState.Requested : SubscriptionState.Active;
        var subscription = (known ?? new Subscription
        {
            Id = id.Subscription,
            Subscriber = subscriber.Id,
            Publisher = publisher.Id,
            State = state,
            Protocol = Subscription.LocalProtocol,
            IsSubscriberLocal = true,
            CreatedAt = clock.GetUtcNow(),
        }) with { State = state };
        await session.Subscriptions.SaveAsync(subscription, cancellationToken).ConfigureAwait(false);
        await session.Notifications.AddAsync(Notification.Of(subscription, id.Position), cancellationToken).ConfigureAwait(false);
        return state == SubscriptionState.Active ? new SubscribeResult.Active(subscription.Id) : new SubscribeResult.Requested(subscription.Id);
    }

    public async Task<bool> EndAsync(SubscriptionId id, Func<Subscription, bool> isTheirs, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
                await session.Subscriptions.FindAsync(id, ct).ConfigureAwait(false) is { } subscription
                && isTheirs(subscription)
                && await session.Subscriptions.EndAsync(id, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

    public async Task<bool> ApproveAsync(ProfileId publisher, SubscriptionId id, CancellationToken cancellationToken)
    {
        using var drawn = store.Ids.Draw();
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Subscriptions.FindAsync(id, ct).ConfigureAwait(false) is not { State: SubscriptionState.Requested } subscription
                    || subscription.Publisher != publisher
                    || await session.Profiles.FindAsync(publisher, ct).ConfigureAwait(false) is not { MayAct: true })
                    return false;
                await session.Subscriptions.SaveAsync(subscription with { State = SubscriptionState.Active }, ct).ConfigureAwait(false);
                if (subscription.IsSubscriberLocal)
                {
                    var told = Notification.Of(subscription, drawn.Position) with { Owner = subscription.Subscriber, Kind = NotificationKind.FollowApproved, Actor = publisher };
                    await session.Notifications.AddAsync(told, ct).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task BlockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Subscriptions.BlockAsync(blocker, blocked, now, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        signal.Wake();
    }

    public async Task UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken) =>
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Subscriptions.UnblockAsync(blocker, blocked, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    public async Task MuteAsync(ProfileId muter, ProfileUri muted, TimeSpan? duration, CancellationToken cancellationToken)
    {
        if (duration is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(duration));
        var now = clock.GetUtcNow();
        var mute = new Mute(muted, now, duration is { } time ? now + time : null);
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Subscriptions.MuteAsync(muter, mute, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => session.Subscriptions.UnmuteAsync(muter, muted, ct), cancellationToken).ConfigureAwait(false);

    private async Task<SubscribeResult> SubscribeLocallyAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken)
    {
        if (subscriber.Id == publisher.Id)
            return new SubscribeResult.Refused("You hear yourself already.");
        if (await ObjectToAsync(subscriber, publisher, cancellationToken).ConfigureAwait(false) is { } objection)
            return new SubscribeResult.Refused(objection);
        using var id = store.Ids.Draw();
        return await store.ExecuteAsync((session, ct) => SubscribeAsync(session, subscriber, publisher, id, ct), cancellationToken).ConfigureAwait(false);
    }

    // "nick", "@nick", "nick@this-host", or the address of a page here.
    private string? LocalNickname(string target)
    {
        var name = target.TrimStart('@').ToLowerInvariant();
        if (name.EndsWith("@" + addresses.Host, StringComparison.Ordinal))
            name = name[..^(addresses.Host.Length + 1)];
        if (name.Length > 0 && name.All(char.IsAsciiLetterOrDigit))
            return name;
        return addresses.IsOwn(target) ? target[(target.LastIndexOf('/') + 1)..].ToLowerInvariant() : null;
    }
}
