using System.Collections.Immutable;
using Microblog.Delivery;
using Microblog.Media;
using Microblog.Moderation;
using Microblog.WebSub;

namespace Microblog.Storage.InMemory;

/// <summary>Everything that is stored, as one immutable value: a transaction replaces it whole or not at all.</summary>
internal sealed record InMemoryState
{
    public static InMemoryState Empty { get; } = new();

    public ImmutableSortedDictionary<long, Profile> Profiles { get; init; } = ImmutableSortedDictionary<long, Profile>.Empty;

    public ImmutableDictionary<ProfileId, ProfileCounts> Counts { get; init; } = ImmutableDictionary<ProfileId, ProfileCounts>.Empty;

    public ImmutableDictionary<long, Avatar> Avatars { get; init; } = ImmutableDictionary<long, Avatar>.Empty;

    public ImmutableDictionary<string, ProfileId> Subjects { get; init; } = ImmutableDictionary<string, ProfileId>.Empty;

    /// <summary>Deleted notices stay as <see cref="StoredNotice.IsDeleted"/>, because their URI stays taken.</summary>
    public ImmutableSortedDictionary<long, StoredNotice> Notices { get; init; } = ImmutableSortedDictionary<long, StoredNotice>.Empty;

    /// <summary>Which copy of a notice a subscription brought; none stands for local and proven ones.</summary>
    public ImmutableDictionary<(NoticeUri Uri, SubscriptionId Scope), Bringing> Bringings { get; init; } =
        ImmutableDictionary<(NoticeUri Uri, SubscriptionId Scope), Bringing>.Empty;

    public ImmutableDictionary<(ProfileId Owner, NoticeId Notice), HomeEntry> Home { get; init; } =
        ImmutableDictionary<(ProfileId Owner, NoticeId Notice), HomeEntry>.Empty;

    public ImmutableDictionary<(ProfileId Person, NoticeId Notice), TimelinePosition> Mentions { get; init; } =
        ImmutableDictionary<(ProfileId Person, NoticeId Notice), TimelinePosition>.Empty;

    public ImmutableSortedDictionary<long, Subscription> Subscriptions { get; init; } = ImmutableSortedDictionary<long, Subscription>.Empty;

    public ImmutableDictionary<(ProfileId Blocker, ProfileUri Blocked), DateTimeOffset> Blocks { get; init; } =
        ImmutableDictionary<(ProfileId Blocker, ProfileUri Blocked), DateTimeOffset>.Empty;

    public ImmutableDictionary<(ProfileId Muter, ProfileUri Muted), Mute> Mutes { get; init; } =
        ImmutableDictionary<(ProfileId Muter, ProfileUri Muted), Mute>.Empty;

    public ImmutableDictionary<(ProfileId Person, NoticeId Notice), TimelinePosition> Favourites { get; init; } =
        ImmutableDictionary<(ProfileId Person, NoticeId Notice), TimelinePosition>.Empty;

    /// <summary>Of notices that are not here.</summary>
    public ImmutableDictionary<(ProfileId Person, NoticeUri Notice), TimelinePosition> KeptFavourites { get; init; } =
        ImmutableDictionary<(ProfileId Person, NoticeUri Notice), TimelinePosition>.Empty;

    /// <summary>Where a notice was changed or deleted last.</summary>
    public ImmutableDictionary<NoticeId, TimelinePosition> Changes { get; init; } = ImmutableDictionary<NoticeId, TimelinePosition>.Empty;

    /// <summary>By what, and by whom, it is repeated.</summary>
    public ImmutableDictionary<(NoticeId Original, ProfileId Person), NoticeId> Repeats { get; init; } =
        ImmutableDictionary<(NoticeId Original, ProfileId Person), NoticeId>.Empty;

    public ImmutableSortedDictionary<long, Group> Groups { get; init; } = ImmutableSortedDictionary<long, Group>.Empty;

    /// <summary>Nicknames and aliases.</summary>
    public ImmutableDictionary<string, GroupId> GroupNames { get; init; } = ImmutableDictionary<string, GroupId>.Empty;

    public ImmutableDictionary<(GroupId Group, ProfileId Person), MemberPlace> Members { get; init; } =
        ImmutableDictionary<(GroupId Group, ProfileId Person), MemberPlace>.Empty;

    public ImmutableHashSet<(GroupId Group, NoticeId Notice)> GroupNotices { get; init; } = [];

    public ImmutableDictionary<NoticeId, ImmutableList<NoticeRevision>> Revisions { get; init; } =
        ImmutableDictionary<NoticeId, ImmutableList<NoticeRevision>>.Empty;

    public ImmutableDictionary<(ProfileId Owner, TimelinePosition Position), Notification> Notifications { get; init; } =
        ImmutableDictionary<(ProfileId Owner, TimelinePosition Position), Notification>.Empty;

    public ImmutableDictionary<(ProfileId Person, string List), TimelinePosition> Marks { get; init; } =
        ImmutableDictionary<(ProfileId Person, string List), TimelinePosition>.Empty;

    public ImmutableDictionary<(string Scope, string Token), Credential> Credentials { get; init; } =
        ImmutableDictionary<(string Scope, string Token), Credential>.Empty;

    public ImmutableHashSet<(string Scope, string Key, DateTimeOffset Expires)> Once { get; init; } = [];

    public ImmutableSortedDictionary<long, StoredAttachment> Attachments { get; init; } = ImmutableSortedDictionary<long, StoredAttachment>.Empty;

    public ImmutableDictionary<string, Invitation> Invitations { get; init; } = ImmutableDictionary<string, Invitation>.Empty;

    public ImmutableDictionary<(string Topic, string Callback), HubSubscription> HubSubscriptions { get; init; } =
        ImmutableDictionary<(string Topic, string Callback), HubSubscription>.Empty;

    public ImmutableDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<long, LoggedEvent> Events { get; init; } = ImmutableSortedDictionary<long, LoggedEvent>.Empty;

    public ImmutableSortedDictionary<long, LaneState> Lanes { get; init; } = ImmutableSortedDictionary<long, LaneState>.Empty;

    public ImmutableDictionary<(string Protocol, string Host), FailingDestination> Failing { get; init; } =
        ImmutableDictionary<(string Protocol, string Host), FailingDestination>.Empty;

    public ImmutableSortedDictionary<long, FailedDelivery> Failures { get; init; } = ImmutableSortedDictionary<long, FailedDelivery>.Empty;

    public ImmutableList<Job> Jobs { get; init; } = [];

    public ImmutableSortedDictionary<string, DomainRule> Domains { get; init; } = ImmutableSortedDictionary.Create<string, DomainRule>(StringComparer.Ordinal);

    public ImmutableDictionary<ProfileUri, Standing> Standings { get; init; } = ImmutableDictionary<ProfileUri, Standing>.Empty;

    public ImmutableSortedDictionary<long, Report> Reports { get; init; } = ImmutableSortedDictionary<long, Report>.Empty;

    public ImmutableSortedDictionary<long, AuditEntry> Audit { get; init; } = ImmutableSortedDictionary<long, AuditEntry>.Empty;

    /// <summary>The last number given to an event, a lane, a lease or a failure.</summary>
    public long LastNumber { get; init; }

    /// <summary>The highest number that an <see cref="IdSource"/> drew and that is in use.</summary>
    public long LastId => new[]
    {
        Last(Profiles), Last(Notices), Last(Subscriptions), Last(Attachments), Last(Home.Values.Select(entry => entry.Position)), Last(Mentions.Values),
        Last(Favourites.Values), Last(Notifications.Keys.Select(key => key.Position)), Last(Groups),
        Last(Members.Values.Select(place => place.Position)), Last(Changes.Values),
    }.Max();

    private static long Last<T>(ImmutableSortedDictionary<long, T> rows) => rows.IsEmpty ? 0 : rows.Keys.Max();

    private static long Last(IEnumerable<TimelinePosition> positions) => positions.Max(position => (long?)position.Value) ?? 0;
}

internal sealed record StoredNotice(Notice Notice, bool IsDeleted);

/// <summary>A notice in somebody's home timeline.</summary>
/// <param name="Author">The author profile as the owner knows it.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record HomeEntry(ProfileId Author, TimelinePosition Position);

internal sealed record Bringing(NoticeId Notice, ProfileId Listener, ProfileId Author);

/// <summary>An event, and the lane that it is for; 0 for all lanes of its author.</summary>
internal sealed record LoggedEvent(DeliveryEvent Event, DateTimeOffset At, long LaneId);

/// <summary>Since when a destination fails, until when it is left alone, and why.</summary>
internal sealed record FailingDestination(DateTimeOffset Since, DateTimeOffset NotBefore, string Failure);

/// <summary>A lane and where it stands.</summary>
internal sealed record LaneState
{
    public required long Id { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>Whether it carries its author's log; otherwise only the events that name it, and it closes with the last of them.</summary>
    public bool FollowsLog { get; init; }

    /// <summary>The last event that it is done with.</summary>
    public long Position { get; init; }

    /// <summary>When it goes on; <see langword="null"/> while nothing waits. A leased lane comes due when its lease ends.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? LeasedUntil { get; init; }

    public LeaseToken Token { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public string Failure { get; init; } = "";

    public (string Protocol, string Host) Destination => (Lane.Protocol, Lane.Destination);
}

/// <summary>Work that a transaction left for <see cref="INoticeStore.ContinueAsync"/>: followers of a notice, members of a group to which it went,
/// lanes of an author, or one of the two that are named here.</summary>
internal sealed record Job(NoticeId Notice, ProfileId Author, GroupId Group, long After, long Through)
{
    /// <summary>In place of a notice: all that its author leaves behind.</summary>
    public static readonly NoticeId Leaving = new(-1);

    /// <summary>In place of a notice: subscriptions with blocked hosts, by the number of the profile.</summary>
    public static readonly NoticeId Blocking = new(-2);
}
