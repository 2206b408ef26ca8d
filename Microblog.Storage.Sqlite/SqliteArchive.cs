namespace Microblog.Storage.Sqlite;

internal sealed class SqliteArchive(SqliteSession session) : IArchiveStore
{
    public ValueTask<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT " + NoticeRow.Columns + " FROM microblog_authorship x CROSS JOIN microblog_notice n ON n.id = x.notice "
            + "WHERE x.author = ?1 AND x.notice > ?2 AND n.author = ?1 AND n.is_remote = 0 AND n.is_deleted = 0 ORDER BY x.notice LIMIT ?3")
            .Bind(1, author.Value).Bind(2, after.Value).Bind(3, count);
        var list = new List<Notice>();
        while (rows.Step())
            list.Add(NoticeRow.Read(rows));
        return new(list);
    }

    public ValueTask<Notice?> FindNoticeAsync(NoticeId id, CancellationToken cancellationToken)
    {
        using var row = session.Use("SELECT " + NoticeRow.Columns + " FROM microblog_notice n WHERE n.id = ?1 AND n.is_deleted = 0").Bind(1, id.Value);
        return new(row.Step() ? NoticeRow.Read(row) : null);
    }

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        ((SqliteSubscriptions)session.Subscriptions).ListPublishers(subscriber, state, after, count);

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        ((SqliteSubscriptions)session.Subscriptions).ListSubscribers(publisher, state, after, count);

    public ValueTask<IReadOnlyList<Block>> ListBlocksAsync(ProfileId blocker, string after, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use("SELECT blocked, at FROM microblog_block WHERE blocker = ?1 AND blocked > ?2 ORDER BY blocked LIMIT ?3")
            .Bind(1, blocker.Value).Bind(2, after).Bind(3, count);
        var list = new List<Block>();
        while (rows.Step())
            list.Add(new Block(ProfileUri.Parse(rows.Text(0)), rows.Time(1)));
        return new(list);
    }

    public ValueTask<NoticeId> AddNoticeAsync(Notice notice, CancellationToken cancellationToken)
    {
        var isTaken = session.Use("SELECT 1 FROM microblog_notice_uri WHERE uri = ?1 AND is_shared = 0 AND scope = 0")
            .Bind(1, notice.Uri.Value).RunScalar() is not null;
        if (isTaken || FreeNumber(notice.Id) is not { IsNone: false } id)
            return default;
        ((SqliteNotices)session.Notices).InsertAlone(notice with
        {
            Id = id,
            IsRemote = false,
            Scope = default,
            Conversation = notice.Conversation == notice.Id ? id : notice.Conversation,
        });
        return new(id);
    }

    public ValueTask AddSubscriptionAsync(Subscription subscription, ProfileUri publisher, CancellationToken cancellationToken)
    {
        session.Use(
            """
            INSERT INTO microblog_subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer,
                endpoint, profile_endpoint, token, secret, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', '', '', x'', ?9)
            """)
            .Bind(1, subscription.Id.Value).Bind(2, subscription.Subscriber.Value).Bind(3, subscription.Publisher.Value)
            .Bind(4, publisher.Value).Bind(5, (int)SubscriptionState.Imported).Bind(6, subscription.Protocol)
            .Bind(7, subscription.IsSubscriberLocal).Bind(8, subscription.Peer).Bind(9, subscription.CreatedAt).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken)
    {
        if (session.Use("SELECT 1 FROM microblog_profile WHERE id = ?1").Bind(1, person.Value).RunScalar() is not null)
            return new(false);
        var notices = NoticesOf(person, count);
        foreach (var notice in notices)
            Remove(notice, scope);
        var subscriptions = SubscriptionsOf(person, count);
        foreach (var (id, other) in subscriptions)
        {
            session.Use("DELETE FROM microblog_subscription WHERE id = ?1").Bind(1, id).Run();
            RemoveOther(other, id);
        }

        session.Use("DELETE FROM microblog_block WHERE blocker = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_avatar WHERE profile = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_attachment WHERE owner = ?1").Bind(1, person.Value).Run();
        return new(notices.Count == count || subscriptions.Count == count);
    }

    private List<Notice> NoticesOf(ProfileId person, int count)
    {
        using var rows = session.Use(
            "SELECT " + NoticeRow.Columns + " FROM microblog_authorship x CROSS JOIN microblog_notice n ON n.id = x.notice WHERE x.author = ?1 LIMIT ?2")
            .Bind(1, person.Value).Bind(2, count);
        var list = new List<Notice>();
        while (rows.Step())
            list.Add(NoticeRow.Read(rows));
        return list;
    }

    private List<(long Id, long Other)> SubscriptionsOf(ProfileId person, int count)
    {
        using var rows = session.Use(
            """
            SELECT id, publisher FROM microblog_subscription WHERE subscriber = ?1
            UNION ALL SELECT id, subscriber FROM microblog_subscription WHERE publisher = ?1 LIMIT ?2
            """).Bind(1, person.Value).Bind(2, count);
        var list = new List<(long Id, long Other)>();
        while (rows.Step())
            list.Add((rows.Int64(0), rows.Int64(1)));
        return list;
    }

    private void Remove(Notice notice, SubscriptionId scope)
    {
        session.Use("DELETE FROM microblog_notice_uri WHERE uri = ?1 AND is_shared = 0 AND scope = 0").Bind(1, notice.Uri.Value).Run();
        session.Use("DELETE FROM microblog_home WHERE owner = ?1 AND notice = ?2").Bind(1, notice.Author.Value).Bind(2, notice.Id.Value).Run();
        session.Use("DELETE FROM microblog_audience WHERE notice = ?1").Bind(1, notice.Id.Value).Run();
        ((SqliteNotices)session.Notices).Uncount(notice);
        foreach (var tag in notice.Tags)
            session.Use("DELETE FROM microblog_tag WHERE tag = ?1 AND notice = ?2").Bind(1, tag).Bind(2, notice.Id.Value).Run();
        session.Use("DELETE FROM microblog_authorship WHERE author = ?1 AND notice = ?2")
            .Bind(1, notice.Author.Value).Bind(2, notice.Id.Value).Run();
        new SqliteIndex(session).ChangeNotice(notice.Id.Value);
        session.Use("DELETE FROM microblog_notice WHERE id = ?1").Bind(1, notice.Id.Value).Run();
        foreach (var person in notice.Mentions.Concat(notice.Audience))
            RemoveOther(person.Value, scope.Value);
    }

    private void RemoveOther(long person, long scope)
    {
        if (session.Use("DELETE FROM microblog_profile WHERE id = ?1 AND scope = ?2 AND ?2 <> 0").Bind(1, person).Bind(2, scope).Run() > 0)
            new SqliteIndex(session).ChangePerson(person);
    }

    private NoticeId FreeNumber(NoticeId wanted)
    {
        if (!IsTaken(wanted.Value))
            return wanted;
        var first = IdSource.FirstAt(wanted.AcceptedAt);
        for (var number = Math.Max(1, first); number < first + IdSource.PerMillisecond; number++)
        {
            if (!IsTaken(number))
                return new NoticeId(number);
        }

        return default;
    }

    private bool IsTaken(long number) =>
        session.Use("SELECT 1 FROM microblog_notice WHERE id = ?1").Bind(1, number).RunScalar() is not null;
}
