namespace Microblog.Storage.Postgres;

internal sealed class PostgresArchive(PostgresSession session) : IArchiveStore
{
    private const string SelectEntry = "SELECT " + PostgresSubscriptionRow.Columns + ", " + PostgresProfileRow.Columns + " FROM microblog.subscription s ";

    public async ValueTask<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + " FROM microblog.authorship x JOIN microblog.notice n ON n.id = x.notice "
            + "WHERE x.author = $1 AND x.notice > $2 AND n.author = $1 AND NOT n.is_remote AND NOT n.is_deleted ORDER BY x.notice LIMIT $3")
            .Bind(author.Value).Bind(after.Value).Bind(count).ListAsync(PostgresNoticeRow.Read).ConfigureAwait(false);

    public ValueTask<Notice?> FindNoticeAsync(NoticeId id, CancellationToken cancellationToken) =>
        session.Sql("SELECT " + PostgresNoticeRow.Columns + " FROM microblog.notice n WHERE n.id = $1 AND NOT n.is_deleted")
            .Bind(id.Value).FindAsync(PostgresNoticeRow.Read);

    public async ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            SelectEntry + "JOIN microblog.profile p ON p.id = s.publisher WHERE s.subscriber = $1 AND s.state = $2 AND s.id > $3 ORDER BY s.id LIMIT $4")
            .Bind(subscriber.Value).Bind((int)state).Bind(after.Value).Bind(count).ListAsync(ReadEntry).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            SelectEntry + "JOIN microblog.profile p ON p.id = s.subscriber WHERE s.publisher = $1 AND s.state = $2 AND s.id > $3 ORDER BY s.id LIMIT $4")
            .Bind(publisher.Value).Bind((int)state).Bind(after.Value).Bind(count).ListAsync(ReadEntry).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Block>> ListBlocksAsync(ProfileId blocker, string after, int count, CancellationToken cancellationToken) =>
        await session.Sql("SELECT blocked, at FROM microblog.block WHERE blocker = $1 AND blocked > $2 ORDER BY blocked LIMIT $3")
            .Bind(blocker.Value).Bind(after).Bind(count).ListAsync(static row => new Block(ProfileUri.Parse(row.Text(0)), row.Time(1))).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, string after, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT muted, at, until FROM microblog.mute WHERE muter = $1 AND muted > $2 AND (until IS NULL OR until > $3) ORDER BY muted LIMIT $4")
            .Bind(muter.Value).Bind(after).Bind(session.Now).Bind(count)
            .ListAsync(static row => new Mute(ProfileUri.Parse(row.Text(0)), row.Time(1), row.TimeOrNull(2))).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Favourite>> ListFavouritesAsync(
        ProfileId person, TimelinePosition after, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            """
            SELECT n.uri, x.position FROM microblog.favourite x JOIN microblog.notice n ON n.id = x.notice WHERE x.person = $1 AND x.position > $2
            UNION ALL SELECT uri, position FROM microblog.kept_favourite WHERE person = $1 AND position > $2 ORDER BY 2 LIMIT $3
            """).Bind(person.Value).Bind(after.Value).Bind(count)
            .ListAsync(static row => new Favourite(NoticeUri.Parse(row.Text(0)), new TimelinePosition(row.Int64(1)))).ConfigureAwait(false);

    public ValueTask AddRevisionAsync(NoticeId notice, NoticeRevision revision, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.revision (notice, number, until, content, detail)
            SELECT $1, 1 + (SELECT count(*) FROM microblog.revision WHERE notice = $1), $2, $3, $4
            """).Bind(notice.Value).Bind(revision.Until).Bind(revision.Content).Bind(NoticeDetail.WriteRevision(revision)).Later();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> AddFavouriteAsync(
        ProfileId person, NoticeUri uri, DateTimeOffset at, NoticeId notice, CancellationToken cancellationToken)
    {
        var first = IdSource.FirstAt(at);
        var last = await session.Sql(
            """
            SELECT greatest(
                (SELECT max(position) FROM microblog.favourite WHERE person = $1 AND position >= $2 AND position < $3),
                (SELECT max(position) FROM microblog.kept_favourite WHERE person = $1 AND position >= $2 AND position < $3), $4)
            """).Bind(person.Value).Bind(first).Bind(first + IdSource.PerMillisecond).Bind(Math.Max(first, 1) - 1).ScalarAsync().ConfigureAwait(false);
        var position = last!.Value + 1;
        if (position >= first + IdSource.PerMillisecond)
            return false;
        if (!notice.IsNone)
            await session.Reactions.FavouriteAsync(person, notice, new TimelinePosition(position), cancellationToken).ConfigureAwait(false);
        else
            session.Sql("INSERT INTO microblog.kept_favourite (person, uri, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                .Bind(person.Value).Bind(uri.Value).Bind(position).Later();
        return true;
    }

    public async ValueTask<NoticeId> AddNoticeAsync(Notice notice, CancellationToken cancellationToken)
    {
        session.LockLater(PostgresLock.NoticeUri, notice.Uri.Value);
        var first = IdSource.FirstAt(notice.Id.AcceptedAt);
        var number = await session.Sql(
            """
            SELECT CASE
                WHEN EXISTS (SELECT FROM microblog.notice_uri WHERE uri = $1 AND NOT is_shared AND scope = 0) THEN 0
                WHEN NOT EXISTS (SELECT FROM microblog.notice WHERE id = $2) THEN $2
                ELSE coalesce((SELECT min(n) FROM generate_series($3, $4) n WHERE NOT EXISTS (SELECT FROM microblog.notice WHERE id = n)), 0)
            END
            """)
            .Bind(notice.Uri.Value).Bind(notice.Id.Value).Bind(Math.Max(1, first)).Bind(first + IdSource.PerMillisecond - 1)
            .ScalarAsync().ConfigureAwait(false);
        var id = new NoticeId(number!.Value);
        if (!id.IsNone)
        {
            ((PostgresNotices)session.Notices).InsertAlone(notice with
            {
                Id = id,
                IsRemote = false,
                Scope = default,
                Conversation = notice.Conversation == notice.Id ? id : notice.Conversation,
            });
        }

        return id;
    }

    public ValueTask AddSubscriptionAsync(Subscription subscription, ProfileUri publisher, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer,
                endpoint, profile_endpoint, token, secret, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', '', $9)
            """)
            .Bind(subscription.Id.Value).Bind(subscription.Subscriber.Value).Bind(subscription.Publisher.Value).Bind(publisher.Value)
            .Bind((int)SubscriptionState.Imported).Bind(subscription.Protocol).Bind(subscription.IsSubscriberLocal).Bind(subscription.Peer)
            .Bind(subscription.CreatedAt).Later();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken)
    {
        if (await session.Sql("SELECT FROM microblog.profile WHERE id = $1").Bind(person.Value).AnyAsync().ConfigureAwait(false))
            return false;
        var notices = await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + " FROM microblog.authorship x JOIN microblog.notice n ON n.id = x.notice WHERE x.author = $1 LIMIT $2")
            .Bind(person.Value).Bind(count).ListAsync(PostgresNoticeRow.Read).ConfigureAwait(false);
        Remove(person, notices);
        RemoveOthersLater(notices.SelectMany(notice => notice.Mentions.Concat(notice.Audience)).Select(other => other.Value), scope.Value);
        var subscriptions = await session.Sql(
            """
            SELECT id, publisher FROM microblog.subscription WHERE subscriber = $1
            UNION ALL SELECT id, subscriber FROM microblog.subscription WHERE publisher = $1 LIMIT $2
            """).Bind(person.Value).Bind(count).ListAsync(static row => (Id: row.Int64(0), Other: row.Int64(1))).ConfigureAwait(false);
        session.Sql("DELETE FROM microblog.subscription WHERE id = ANY ($1)").Bind([.. subscriptions.Select(found => found.Id)]).Later();
        foreach (var (id, other) in subscriptions)
            RemoveOthersLater([other], id);
        session.Sql("DELETE FROM microblog.profile_count WHERE profile = $1").Bind(person.Value).Later();
        session.Sql("DELETE FROM microblog.block WHERE blocker = $1").Bind(person.Value).Later();
        var favourites = await session.Sql("SELECT notice FROM microblog.favourite WHERE person = $1 LIMIT $2").Bind(person.Value).Bind(count)
            .ListAsync(static row => row.Int64(0)).ConfigureAwait(false);
        session.Sql(
            """
            WITH gone AS (DELETE FROM microblog.favourite WHERE person = $1 AND notice = ANY ($2))
            UPDATE microblog.notice SET favourites = favourites - 1 WHERE id = ANY ($2)
            """).Bind(person.Value).Bind([.. favourites]).Later();
        session.Sql("DELETE FROM microblog.mute WHERE muter = $1").Bind(person.Value).Later();
        session.Sql("DELETE FROM microblog.kept_favourite WHERE person = $1").Bind(person.Value).Later();
        session.Sql("DELETE FROM microblog.avatar WHERE profile = $1").Bind(person.Value).Later();
        session.Sql("DELETE FROM microblog.attachment WHERE owner = $1").Bind(person.Value).Later();
        return notices.Count == count || subscriptions.Count == count || favourites.Count == count;
    }

    private void Remove(ProfileId author, List<Notice> notices)
    {
        long[] ids = [.. notices.Select(notice => notice.Id.Value)];
        ((PostgresNotices)session.Notices).UncountLater(notices);
        session.Sql("DELETE FROM microblog.notice_uri WHERE uri = ANY ($1) AND NOT is_shared AND scope = 0")
            .Bind([.. notices.Select(notice => notice.Uri.Value)]).Later();
        session.Sql("DELETE FROM microblog.home WHERE owner = $1 AND notice = ANY ($2)").Bind(author.Value).Bind(ids).Later();
        session.Sql("DELETE FROM microblog.audience WHERE notice = ANY ($1)").Bind(ids).Later();
        session.Sql("DELETE FROM microblog.tag WHERE tag = ANY ($1) AND notice = ANY ($2)")
            .Bind([.. notices.SelectMany(notice => notice.Tags).Distinct(StringComparer.Ordinal)]).Bind(ids).Later();
        session.Sql("DELETE FROM microblog.authorship WHERE author = $1 AND notice = ANY ($2)").Bind(author.Value).Bind(ids).Later();
        new PostgresIndex(session).ChangeNoticesLater(ids);
        session.Sql("DELETE FROM microblog.revision WHERE notice = ANY ($1)").Bind(ids).Later();
        session.Sql("DELETE FROM microblog.notice WHERE id = ANY ($1)").Bind(ids).Later();
    }

    private void RemoveOthersLater(IEnumerable<long> people, long scope)
    {
        if (scope == 0)
            return;
        session.Sql(
            """
            WITH gone AS (DELETE FROM microblog.profile WHERE id = ANY ($1) AND scope = $2 RETURNING id, uri),
                changed AS (INSERT INTO microblog.search_change (kind, number) SELECT 1, id FROM gone)
            DELETE FROM microblog.profile_uri WHERE scope = $2 AND uri IN (SELECT uri FROM gone)
            """).Bind([.. people]).Bind(scope).Later();
    }

    private static SubscriptionEntry ReadEntry(PostgresRow row) =>
        new(PostgresSubscriptionRow.Read(row), PostgresProfileRow.Read(row, PostgresSubscriptionRow.Count));
}
