namespace Microblog.Storage.Sqlite;

/// <summary>The facets over one connection, until the work has ended.</summary>
internal sealed class SqliteSession(SqliteDatabase database, TimeProvider clock, long horizon) : IStoreSession, IDisposable
{
    private SqliteDatabase? database = database;
    private SqliteProfiles? profiles;
    private SqliteAvatars? avatars;
    private SqliteNotices? notices;
    private SqliteTimelines? timelines;
    private SqliteSubscriptions? subscriptions;
    private SqliteReactions? reactions;
    private SqliteGroups? groups;
    private SqliteNotifications? notifications;
    private SqliteSearch? search;
    private SqliteCredentials? credentials;
    private SqliteDeliveries? deliveries;
    private SqliteLanes? lanes;
    private SqliteSettings? settings;
    private SqliteAttachments? attachments;
    private SqliteInvitations? invitations;
    private SqliteHub? hub;
    private SqliteArchive? archive;
    private SqliteModeration? moderation;

    public SqliteDatabase Database => database ?? throw new InvalidOperationException("The session has ended with its work.");

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary><see cref="IdSource.Horizon"/> before the snapshot was taken.</summary>
    public long Horizon { get; } = horizon;

    public SqliteLanes Lanes => lanes ??= new SqliteLanes(this);

    public IProfileStore Profiles => profiles ??= new SqliteProfiles(this);

    public IAvatarStore Avatars => avatars ??= new SqliteAvatars(this);

    public INoticeStore Notices => notices ??= new SqliteNotices(this);

    public ITimelineReader Timelines => timelines ??= new SqliteTimelines(this);

    public ISubscriptionStore Subscriptions => subscriptions ??= new SqliteSubscriptions(this);

    public IReactionStore Reactions => reactions ??= new SqliteReactions(this);

    public IGroupStore Groups => groups ??= new SqliteGroups(this);

    public INotificationStore Notifications => notifications ??= new SqliteNotifications(this);

    public ISearchStore Search => search ??= new SqliteSearch(this);

    public ICredentialStore Credentials => credentials ??= new SqliteCredentials(this);

    public IDeliveryStore Deliveries => deliveries ??= new SqliteDeliveries(this);

    public ISettingStore Settings => settings ??= new SqliteSettings(this);

    public IAttachmentStore Attachments => attachments ??= new SqliteAttachments(this);

    public IInvitationStore Invitations => invitations ??= new SqliteInvitations(this);

    public IHubStore Hub => hub ??= new SqliteHub(this);

    public IArchiveStore Archive => archive ??= new SqliteArchive(this);

    public IModerationStore Moderation => moderation ??= new SqliteModeration(this);

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

    public SqliteStatement Use(string sql) => Database.Use(sql);

    public void Dispose() => database = null;
}
