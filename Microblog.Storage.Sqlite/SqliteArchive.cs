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

    public ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, string after, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT muted, at, until FROM microblog_mute WHERE muter = ?1 AND muted > ?2 AND (until IS NULL OR until > ?3) ORDER BY muted LIMIT ?4")
            .Bind(1, muter.Value).Bind(2, after).Bind(3, session.Now).Bind(4, count);
        var list = new List<Mute>();
        while (rows.Step())
            list.Add(new Mute(ProfileUri.Parse(rows.Text(0)), rows.Time(1), rows.TimeOrNull(2)));
        return new(list);
    }

    public ValueTask<IReadOnlyList<Favourite>> ListFavouritesAsync(
        ProfileId person, TimelinePosition after, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            """
            SELECT n.uri, x.position FROM microblog_favourite x CROSS JOIN microblog_notice n ON n.id = x.notice WHERE x.person = ?1 AND x.position > ?2
            UNION ALL SELECT uri, position FROM microblog_kept_favourite WHERE person = ?1 AND position > ?2 ORDER BY 2 LIMIT ?3
            """).Bind(1, person.Value).Bind(2, after.Value).Bind(3, count);
        var list = new List<Favourite>();
        while (rows.Step())
            list.Add(new Favourite(NoticeUri.Parse(rows.Text(0)), new TimelinePosition(rows.Int64(1))));
        return new(list);
    }

    public ValueTask AddRevisionAsync(NoticeId notice, NoticeRevision revision, CancellationToken cancellationToken)
    {
        session.Use(
            """
            INSERT INTO microblog_revision (notice, number, until, content, detail)
            VALUES (?1, 1 + (SELECT count(*) FROM microblog_revision WHERE notice = ?1), ?2, ?3, ?4)
            """)
            .Bind(1, notice.Value).Bind(2, revision.Until).Bind(3, revision.Content).Bind(4, NoticeDetail.WriteRevision(revision)).Run();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> AddFavouriteAsync(
        ProfileId person, NoticeUri uri, DateTimeOffset at, NoticeId notice, CancellationToken cancellationToken)
    {
        var first = IdSource.FirstAt(at);
        var last = session.Use(
            """
            SELECT max(position) FROM (SELECT max(position) AS position FROM microblog_favourite WHERE person = ?1 AND position >= ?2 AND position < ?3
                UNION ALL SELECT max(position) FROM microblog_kept_favourite WHERE person = ?1 AND position >= ?2 AND position < ?3)
            """).Bind(1, person.Value).Bind(2, first).Bind(3, first + IdSource.PerMillisecond).RunScalar() ?? Math.Max(first, 1) - 1;
        if (last + 1 >= first + IdSource.PerMillisecond)
            return false;
        if (!notice.IsNone)
            await session.Reactions.FavouriteAsync(person, notice, new TimelinePosition(last + 1), cancellationToken).ConfigureAwait(false);
        else
            session.Use("INSERT OR IGNORE INTO microblog_kept_favourite (person, uri, position) VALUES (?1, ?2, ?3)")
                .Bind(1, person.Value).Bind(2, uri.Value).Bind(3, last + 1).Run();
        return true;
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

    public async ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken)
    {
        if (session.Use("SELECT 1 FROM microblog_profile WHERE id = ?1").Bind(1, person.Value).RunScalar() is not null)
            return false;
        var favourites = FavouritesOf(person, count);
        foreach (var notice in favourites)
            await session.Reactions.UnfavouriteAsync(person, notice, cancellationToken).ConfigureAwait(false);
        var notices = NoticesOf(person, count);
        foreach (var notice in notices)
            Remove(notice, scope);
        var subscriptions = SubscriptionsOf(person, count);
        foreach (var (id, other) in subscriptions)
        {
            session.Use("DELETE FROM microblog_subscription WHERE id = ?1").Bind(1, id).Run();
            RemoveOther(other, id);
        }

        session.Use("DELETE FROM microblog_profile_count WHERE profile = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_block WHERE blocker = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_mute WHERE muter = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_kept_favourite WHERE person = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_avatar WHERE profile = ?1").Bind(1, person.Value).Run();
        session.Use("DELETE FROM microblog_attachment WHERE owner = ?1").Bind(1, person.Value).Run();
        return notices.Count == count || subscriptions.Count == count || favourites.Count == count;
    }

    private List<NoticeId> FavouritesOf(ProfileId person, int count)
    {
        using var rows = session.Use("SELECT notice FROM microblog_favourite WHERE person = ?1 LIMIT ?2").Bind(1, person.Value).Bind(2, count);
        var list = new List<NoticeId>();
        while (rows.Step())
            list.Add(new NoticeId(rows.Int64(0)));
        return list;
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
        session.Use("DELETE FROM microblog_revision WHERE notice = ?1").Bind(1, notice.Id.Value).Run();
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
