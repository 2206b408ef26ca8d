namespace Microblog.Storage.InMemory;

internal sealed class InMemorySession : IStoreSession, IDisposable
{
    private InMemoryState? state;

    public InMemorySession(InMemoryState state, TimeProvider clock, long horizon)
    {
        this.state = state;
        Clock = clock;
        Horizon = horizon;
        Profiles = new InMemoryProfiles(this);
        Avatars = new InMemoryAvatars(this);
        Lanes = new InMemoryLanes(this);
        Notices = new InMemoryNotices(this);
        Timelines = new InMemoryTimelines(this);
        Subscriptions = new InMemorySubscriptions(this);
        Reactions = new InMemoryReactions(this);
        Groups = new InMemoryGroups(this);
        Notifications = new InMemoryNotifications(this);
        Search = new InMemorySearch(this);
        Credentials = new InMemoryCredentials(this);
        Deliveries = new InMemoryDeliveries(this);
        Settings = new InMemorySettings(this);
        Attachments = new InMemoryAttachments(this);
        Invitations = new InMemoryInvitations(this);
        Hub = new InMemoryHub(this);
        Archive = new InMemoryArchive(this);
        Moderation = new InMemoryModeration(this);
    }

    public InMemoryState State
    {
        get => state ?? throw new InvalidOperationException("The session has ended with its work.");
        set
        {
            ObjectDisposedException.ThrowIf(state is null, this);
            state = value;
        }
    }

    public TimeProvider Clock { get; }

    /// <summary><see cref="IdSource.Horizon"/> before the state was taken.</summary>
    public long Horizon { get; }

    public InMemoryLanes Lanes { get; }

    public IProfileStore Profiles { get; }

    public IAvatarStore Avatars { get; }

    public INoticeStore Notices { get; }

    public ITimelineReader Timelines { get; }

    public ISubscriptionStore Subscriptions { get; }

    public IReactionStore Reactions { get; }

    public IGroupStore Groups { get; }

    public INotificationStore Notifications { get; }

    public ISearchStore Search { get; }

    public ICredentialStore Credentials { get; }

    public IDeliveryStore Deliveries { get; }

    public ISettingStore Settings { get; }

    public IAttachmentStore Attachments { get; }

    public IInvitationStore Invitations { get; }

    public IHubStore Hub { get; }

    public IArchiveStore Archive { get; }

    public IModerationStore Moderation { get; }

    IProfileReader IReadSession.Profiles => Profiles;

    IAvatarReader IReadSession.Avatars => Avatars;

    INoticeReader IReadSession.Notices => Notices;

    ISubscriptionReader IReadSession.Subscriptions => Subscriptions;

    IReactionReader IReadSession.Reactions => Reactions;

    IGroupReader IReadSession.Groups => Groups;

    INotificationReader IReadSession.Notifications => Notifications;

    ISearchReader IReadSession.Search => Search;

    ICredentialReader IReadSession.Credentials => Credentials;

    IDeliveryReader IReadSession.Deliveries => Deliveries;

    ISettingReader IReadSession.Settings => Settings;

    IAttachmentReader IReadSession.Attachments => Attachments;

    IInvitationReader IReadSession.Invitations => Invitations;

    IHubReader IReadSession.Hub => Hub;

    IArchiveReader IReadSession.Archive => Archive;

    IModerationReader IReadSession.Moderation => Moderation;

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Adds to what is counted of a notice.</summary>
    public void Count(NoticeId notice, NoticeCounts more)
    {
        if (!State.Notices.TryGetValue(notice.Value, out var stored))
            return;
        var counts = stored.Notice.Counts;
        counts = new NoticeCounts(counts.Replies + more.Replies, counts.Repeats + more.Repeats, counts.Favourites + more.Favourites);
        State = State with { Notices = State.Notices.SetItem(notice.Value, stored with { Notice = stored.Notice with { Counts = counts } }) };
    }

    /// <summary>Adds to what is counted of a person.</summary>
    public void Count(ProfileId person, ProfileCounts more)
    {
        var counts = State.Counts.GetValueOrDefault(person);
        counts = new ProfileCounts(
            counts.Notices + more.Notices, counts.Followers + more.Followers, counts.Following + more.Following, counts.Favourites + more.Favourites);
        State = State with { Counts = State.Counts.SetItem(person, counts) };
    }

    public long NextNumber()
    {
        State = State with { LastNumber = State.LastNumber + 1 };
        return State.LastNumber;
    }

    public void Dispose() => state = null;
}
