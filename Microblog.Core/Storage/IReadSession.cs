namespace Microblog.Storage;

/// <summary>One snapshot of the store. Used by one caller, one call at a time, and not after its work has ended.</summary>
public interface IReadSession
{
    /// <summary>People.</summary>
    IProfileReader Profiles { get; }

    /// <summary>People's pictures.</summary>
    IAvatarReader Avatars { get; }

    /// <summary>Single notices.</summary>
    INoticeReader Notices { get; }

    /// <summary>Notices in lists.</summary>
    ITimelineReader Timelines { get; }

    /// <summary>Who hears whom, and blocks.</summary>
    ISubscriptionReader Subscriptions { get; }

    /// <summary>Favourites and repeats.</summary>
    IReactionReader Reactions { get; }

    /// <summary>Groups and who is in them.</summary>
    IGroupReader Groups { get; }

    /// <summary>What people are told.</summary>
    INotificationReader Notifications { get; }

    /// <summary>What people look for.</summary>
    ISearchReader Search { get; }

    /// <summary>Tokens.</summary>
    ICredentialReader Credentials { get; }

    /// <summary>The delivery queue.</summary>
    IDeliveryReader Deliveries { get; }

    /// <summary>The node's own few values.</summary>
    ISettingReader Settings { get; }

    /// <summary>Pictures of notices; their bytes are in <see cref="IMicroblogStore.Blobs"/>.</summary>
    IAttachmentReader Attachments { get; }

    /// <summary>Invitations to join.</summary>
    IInvitationReader Invitations { get; }

    /// <summary>To whom feeds are sent.</summary>
    IHubReader Hub { get; }

    /// <summary>All that belongs to one person.</summary>
    IArchiveReader Archive { get; }

    /// <summary>How people and domains are treated, reports, and the audit log.</summary>
    IModerationReader Moderation { get; }
}

/// <summary>One transaction. What is found by its key through it stays as it was found until the transaction ends: the store locks it,
/// or runs the work again. Used by one caller, one call at a time, and not after its work has ended.</summary>
public interface IStoreSession : IReadSession
{
    /// <inheritdoc cref="IReadSession.Profiles"/>
    new IProfileStore Profiles { get; }

    /// <inheritdoc cref="IReadSession.Avatars"/>
    new IAvatarStore Avatars { get; }

    /// <inheritdoc cref="IReadSession.Notices"/>
    new INoticeStore Notices { get; }

    /// <inheritdoc cref="IReadSession.Subscriptions"/>
    new ISubscriptionStore Subscriptions { get; }

    /// <inheritdoc cref="IReadSession.Reactions"/>
    new IReactionStore Reactions { get; }

    /// <inheritdoc cref="IReadSession.Groups"/>
    new IGroupStore Groups { get; }

    /// <inheritdoc cref="IReadSession.Notifications"/>
    new INotificationStore Notifications { get; }

    /// <inheritdoc cref="IReadSession.Search"/>
    new ISearchStore Search { get; }

    /// <inheritdoc cref="IReadSession.Credentials"/>
    new ICredentialStore Credentials { get; }

    /// <inheritdoc cref="IReadSession.Deliveries"/>
    new IDeliveryStore Deliveries { get; }

    /// <inheritdoc cref="IReadSession.Settings"/>
    new ISettingStore Settings { get; }

    /// <inheritdoc cref="IReadSession.Attachments"/>
    new IAttachmentStore Attachments { get; }

    /// <inheritdoc cref="IReadSession.Invitations"/>
    new IInvitationStore Invitations { get; }

    /// <inheritdoc cref="IReadSession.Hub"/>
    new IHubStore Hub { get; }

    /// <inheritdoc cref="IReadSession.Archive"/>
    new IArchiveStore Archive { get; }

    /// <inheritdoc cref="IReadSession.Moderation"/>
    new IModerationStore Moderation { get; }
}
