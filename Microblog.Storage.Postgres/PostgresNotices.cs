namespace Microblog.Storage.Postgres;

internal sealed class PostgresNotices(PostgresSession session) : INoticeStore
{
    private const int AtOnce = 200;

    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).FindAsync(id, viewer);

    public async ValueTask<IReadOnlyList<Notice>> FindAsync(NoticeUri uri, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + " FROM microblog.notice_uri u JOIN microblog.notice n ON n.id = u.notice "
            + "WHERE u.uri = $1 AND NOT u.is_shared AND NOT n.is_deleted ORDER BY n.id" + (session.Lock.Length > 0 ? session.Lock + " OF n" : ""))
            .Bind(uri.Value).ListAsync(PostgresNoticeRow.Read).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Notice>> ListLocalAsync(IReadOnlyCollection<NoticeId> ids, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + " FROM microblog.notice n WHERE n.id = ANY ($1) AND NOT n.is_remote AND NOT n.is_deleted ORDER BY n.id"
            + session.Lock)
            .Bind([.. ids.Select(id => id.Value)]).ListAsync(PostgresNoticeRow.Read).ConfigureAwait(false);

    public async ValueTask PublishAsync(Notice notice, CancellationToken cancellationToken)
    {
        notice = notice with { IsRemote = false, Scope = default };
        var look = await session.Sql(
            """
            SELECT EXISTS (SELECT 1 FROM microblog.notice WHERE id = $1)
                    OR EXISTS (SELECT 1 FROM microblog.notice_uri WHERE uri = $2 AND NOT is_shared AND scope = 0),
                (SELECT max(id) FROM microblog.subscription WHERE publisher = $3 AND state = 1 AND is_subscriber_local),
                (SELECT id FROM microblog.subscription WHERE publisher = $3 AND state = 1 AND is_subscriber_local ORDER BY id OFFSET $4 LIMIT 1)
            """).Bind(notice.Id.Value).Bind(notice.Uri.Value).Bind(notice.Author.Value).Bind(AtOnce - 1)
            .FindAsync(static row => new Look(row.Bool(0), row.Int64OrNull(1) ?? 0, row.Int64OrNull(2))).ConfigureAwait(false);
        if (look!.IsTaken)
            throw new StoreException($"The number or the URI of notice {notice.Id} is taken.");
        var isDirect = notice.Visibility == Visibility.Direct;
        Insert(notice, [notice.Author, .. notice.Audience, .. isDirect ? [] : notice.Mentions], notice.Mentions);
        if (isDirect)
            return;
        var until = look.Until ?? look.Through;
        FanOut(new Job(0, notice.Id.Value, notice.Author.Value, After: 0, look.Through, until), TimelinePosition.FromNoticeId(notice.Id));
        if (until >= look.Through)
            return;
        session.Sql("INSERT INTO microblog.job (notice, author, after, through) VALUES ($1, $2, $3, $4)")
            .Bind(notice.Id.Value).Bind(notice.Author.Value).Bind(until).Bind(look.Through).Later();
        session.WakesWorkers = true;
    }

    public ValueTask<IReadOnlyList<ReceiveResult>> ReceiveAsync(IReadOnlyList<ReceivedNotice> notices, CancellationToken cancellationToken) =>
        new PostgresReception(session, notices).ApplyAsync();

    public async ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken)
    {
        var rest = count;
        while (rest > 0 && await TakeJobAsync(rest).ConfigureAwait(false) is { } job)
        {
            if (job.Notice != 0)
            {
                FanOut(job, position);
                Leave(job);
                break;
            }

            session.Sql("DELETE FROM microblog.job WHERE id = $1").Bind(job.Id).Later();
            rest -= Math.Max(1, await session.Lanes.WakeAsync(new ProfileId(job.Author), rest).ConfigureAwait(false));
        }

        // Not those that another process has in hand: it goes on with them itself.
        return await session.Sql("SELECT id FROM microblog.job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED").AnyAsync().ConfigureAwait(false);
    }

    public async ValueTask<bool> DeleteAsync(NoticeId id, CancellationToken cancellationToken)
    {
        // Home entries stay and find nothing: they lie by owner, and looking for all of them would cost more than skipping them.
        var isThere = await session.Sql(
            """
            UPDATE microblog.notice SET is_deleted = true, content = '', url = '', see_also_url = NULL, extensions = ''
            WHERE id = $1 AND NOT is_deleted
            """).Bind(id.Value).RunAsync().ConfigureAwait(false) > 0;
        if (isThere)
        {
            session.Sql("DELETE FROM microblog.event WHERE notice = $1 AND notice <> 0").Bind(id.Value).Later();
            session.Sql("DELETE FROM microblog.failure WHERE notice = $1 AND notice <> 0").Bind(id.Value).Later();
            session.Sql("DELETE FROM microblog.job WHERE notice = $1 AND notice <> 0").Bind(id.Value).Later();
        }

        return isThere;
    }

    public ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken) =>
        new PostgresCopies(session).RecordOriginAsync(id, replyToUri, isProven);

    /// <summary>Adds a local notice that nobody but its author and audience comes to see.</summary>
    public void InsertAlone(Notice notice) => Insert(notice, [notice.Author], []);

    private void Insert(Notice notice, ProfileId[] owners, IReadOnlyList<ProfileId> mentioned)
    {
        var rows = new PostgresNoticeRows();
        rows.Add(notice, notice.Author);
        foreach (var owner in owners)
            rows.AddHome(owner, notice.Id.Value, notice.Id.Value, notice.Author);
        foreach (var person in mentioned)
            rows.AddMention(person, notice.Id.Value, notice.Id.Value);
        rows.WriteLater(session);
    }

    // Followers are numbered by their subscriptions; those beyond the last of this turn wait as a job.
    private void FanOut(Job job, TimelinePosition position) => session.Sql(
        """
        INSERT INTO microblog.home (owner, position, notice, author)
        SELECT subscriber, greatest($4, $5), $5, $1 FROM microblog.subscription
        WHERE publisher = $1 AND state = 1 AND is_subscriber_local AND id > $2 AND id <= $3
        ON CONFLICT (owner, notice) DO NOTHING
        """)
        .Bind(job.Author).Bind(job.After).Bind(job.Until).Bind(position.Value).Bind(job.Notice).Later();

    private void Leave(Job job)
    {
        if (job.Until < job.Through)
            session.Sql("UPDATE microblog.job SET after = $2 WHERE id = $1").Bind(job.Id).Bind(job.Until).Later();
        else
            session.Sql("DELETE FROM microblog.job WHERE id = $1").Bind(job.Id).Later();
    }

    // The oldest that no other process has in hand, and how far so many followers reach.
    private ValueTask<Job?> TakeJobAsync(int count) => session.Sql(
        """
        SELECT j.id, j.notice, j.author, j.after, j.through, (SELECT s.id FROM microblog.subscription s WHERE j.notice <> 0
            AND s.publisher = j.author AND s.state = 1 AND s.is_subscriber_local AND s.id > j.after AND s.id <= j.through
            ORDER BY s.id OFFSET $1 LIMIT 1)
        FROM microblog.job j ORDER BY j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
        """)
        .Bind(count - 1)
        .FindAsync(static row => new Job(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64OrNull(5) ?? row.Int64(4)));

    private sealed record Job(long Id, long Notice, long Author, long After, long Through, long Until);

    private sealed record Look(bool IsTaken, long Through, long? Until);
}
