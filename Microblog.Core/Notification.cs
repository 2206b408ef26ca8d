using Microblog.Storage;

namespace Microblog;

/// <summary>That somebody is told what somebody else did.</summary>
public sealed record Notification
{
    /// <summary>A local person.</summary>
    public required ProfileId Owner { get; init; }

    /// <summary>Where it stands among the owner's notifications: drawn for it, used for no other.</summary>
    public required TimelinePosition Position { get; init; }

    /// <summary>What happened.</summary>
    public required NotificationKind Kind { get; init; }

    /// <summary>Who did it.</summary>
    public required ProfileId Actor { get; init; }

    /// <summary>The notice that it is about, with which it goes: for a repeat, the repeat.</summary>
    public NoticeId Notice { get; init; }

    /// <summary>The subscription that it is about, with which it goes.</summary>
    public SubscriptionId Subscription { get; init; }

    /// <summary>What a local publisher is told of a new subscription.</summary>
    public static Notification Of(Subscription subscription, TimelinePosition position)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return new()
        {
            Owner = subscription.Publisher,
            Position = position,
            Kind = subscription.State == SubscriptionState.Active ? NotificationKind.Follow : NotificationKind.FollowRequest,
            Actor = subscription.Subscriber,
            Subscription = subscription.Id,
        };
    }
}

/// <summary>What somebody is told.</summary>
public enum NotificationKind
{
    /// <summary>A notice mentions, or answers, the owner.</summary>
    Mention,

    /// <summary>Somebody hears the owner now.</summary>
    Follow,

    /// <summary>Somebody asks to hear the owner.</summary>
    FollowRequest,

    /// <summary>A notice of the owner is somebody's favourite.</summary>
    Favourite,

    /// <summary>Somebody passed a notice of the owner on.</summary>
    Repeat,

    /// <summary>Somebody whom the owner asked to hear has agreed.</summary>
    FollowApproved,
}
