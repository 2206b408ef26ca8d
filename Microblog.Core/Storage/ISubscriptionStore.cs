using System.Runtime.InteropServices;
using Microblog.Delivery;

namespace Microblog.Storage;

/// <summary>Reads who hears whom.</summary>
public interface ISubscriptionReader
{
    /// <summary>The subscription with this number, ended ones included.</summary>
    ValueTask<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellationToken);

    /// <summary>The subscription of this pair through this peer, ended ones included (OMB-126).</summary>
    ValueTask<Subscription?> FindAsync(ProfileId subscriber, ProfileUri publisher, string peer, CancellationToken cancellationToken);

    /// <summary>The subscription of a remote person to a local one through this peer, ended ones included.</summary>
    /// <param name="publisher">Who is heard.</param>
    /// <param name="subscriber">The remote person's identifier, in whatever scope.</param>
    /// <param name="peer"><see cref="Subscription.Peer"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<Subscription?> FindSubscriberAsync(ProfileId publisher, ProfileUri subscriber, string peer, CancellationToken cancellationToken);

    /// <summary>Whom a person hears, with the publisher's profile; active ones, newest first, without those of whom nobody sees anything: suspended,
    /// of a blocked domain, or gone.</summary>
    /// <remarks>What a worker or an export needs of the others is in <see cref="IArchiveReader"/>.</remarks>
    ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(ProfileId subscriber, SubscriptionId? before, int count, CancellationToken cancellationToken);

    /// <summary>Who hears a person, or asks to, with the subscriber's profile; newest first, without the same.</summary>
    ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId? before, int count, CancellationToken cancellationToken);

    /// <summary>The active subscriptions whose notices go into these lanes, with the publisher's profile, oldest first: each carries a token to
    /// sign with (OMB-131, OMB-132).</summary>
    /// <param name="lanes">Each once; a subscription belongs to the one with its publisher, protocol and endpoint.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<SubscriptionEntry>> ListForLanesAsync(IReadOnlyCollection<Lane> lanes, CancellationToken cancellationToken);

    /// <summary>Whether the one blocks the other.</summary>
    ValueTask<bool> IsBlockedAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken);

    /// <summary>The identifiers that a person blocks, newest first.</summary>
    ValueTask<IReadOnlyList<ProfileUri>> ListBlocksAsync(ProfileId blocker, int count, CancellationToken cancellationToken);

    /// <summary>Whom a person has muted, the last first, without those whose time is over.</summary>
    ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, int count, CancellationToken cancellationToken);

    /// <summary>How a person and several others stand to each other.</summary>
    /// <param name="person">A local person.</param>
    /// <param name="others">As many profiles as a page shows.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Whoever is missing stands in no relation to the person.</returns>
    /// <remarks>Somebody of elsewhere may have several profiles here: subscriptions are those with the very profile that is asked about, blocks
    /// and mutes go by the identifier and are of all of them. This is for showing: a transaction that writes locks nothing of it.</remarks>
    ValueTask<IReadOnlyDictionary<ProfileId, Relation>> RelateAsync(
        ProfileId person, IReadOnlyCollection<ProfileId> others, CancellationToken cancellationToken);
}

/// <summary>Writes who hears whom.</summary>
public interface ISubscriptionStore : ISubscriptionReader
{
    /// <summary>Adds a subscription, or replaces state, endpoints, token and secret of the one with the same number.</summary>
    /// <remarks>When it becomes active with an endpoint, its lane is opened and begins with the publisher's next event. When an
    /// endpoint has lost its last active subscription, its lane is closed and what waits in it is dropped. When the endpoint of an active
    /// subscription changes and nobody else needs the old lane, that lane itself goes on at the new endpoint, lease and all; when
    /// others do, a lane opened for the new endpoint begins where the old one stands, so that nothing is missed. When it is active, those of
    /// the same two people, by their identifiers, that an archive brought along are over.</remarks>
    ValueTask SaveAsync(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>Ends a subscription and revokes its credentials; both are kept, so that the other side can be told (OMB-57, OMB-58).
    /// What the subscriber has in the home timeline stays.</summary>
    /// <returns>Whether it was requested or active.</returns>
    ValueTask<bool> EndAsync(SubscriptionId id, CancellationToken cancellationToken);

    /// <summary>Ends every subscription of a person who leaves, in which they hear or are heard.</summary>
    ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken);

    /// <summary>Blocks: remembers it and ends the subscriptions between the two, either way.</summary>
    ValueTask BlockAsync(ProfileId blocker, ProfileUri blocked, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Forgets a block. Subscriptions do not come back.</summary>
    ValueTask UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken);

    /// <summary>Keeps somebody's notices, and what others repeat of them, out of the muter's lists and notifications. Who looks for them, on the
    /// person's page or in a conversation, finds them; nobody learns of it, and subscriptions stay.</summary>
    /// <param name="muter">Who does not want to hear.</param>
    /// <param name="mute">Whom, and until when; instead of an earlier one of the same person.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask MuteAsync(ProfileId muter, Mute mute, CancellationToken cancellationToken);

    /// <summary>Forgets a mute.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken);
}

/// <summary>A subscription in a list, with the profile of the other side.</summary>
public sealed record SubscriptionEntry(Subscription Subscription, Profile Other);

/// <summary>That a person does not want to hear of somebody.</summary>
/// <param name="Muted">Of whom.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">Until when, by the store's clock; <see langword="null"/> for good.</param>
public sealed record Mute(ProfileUri Muted, DateTimeOffset At, DateTimeOffset? Until = null);

/// <summary>How a person and another stand to each other, as the person knows it.</summary>
/// <param name="IsFollowing">Whether the person hears the other.</param>
/// <param name="IsRequested">Whether the person asks to hear the other, who has not approved it yet.</param>
/// <param name="IsFollowedBy">Whether the other hears the person.</param>
/// <param name="IsBlocking">Whether the person blocks the other. Whether the other does is not told.</param>
/// <param name="IsMuting">Whether the person has muted the other, by the store's clock.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Relation(bool IsFollowing, bool IsRequested, bool IsFollowedBy, bool IsBlocking, bool IsMuting);
