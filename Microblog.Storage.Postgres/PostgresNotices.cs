namespace Microblog.Storage.Postgres;

internal sealed class PostgresNotices(PostgresSession session) : INoticeStore
{
    /// <summary>In place of a notice: subscriptions with blocked hosts, by the number of the profile.</summary>
    public const long Blocking = -2;

    private const int AtOnce = 200;

    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).FindAsync(id, viewer);

    public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyCollection<NoticeId> ids, ProfileId viewer, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).FindAsync(ids, viewer);

    // Nothing is locked: what is deleted stays so.
    public ValueTask<bool> IsDeletedAsync(NoticeId id, CancellationToken cancellationToken) => session.Sql(
        "SELECT FROM microblog.notice WHERE id = $1 AND is_deleted AND scope = 0 AND visibility < 2 AND NOT is_local_only").Bind(id.Value).AnyAsync();

    public ValueTask<bool> HasSaidAsync(ProfileId author, string content, TimelinePosition since, CancellationToken cancellationToken) => session.Sql(
        """
        SELECT FROM (SELECT notice FROM microblog.authorship WHERE author = $1 AND notice > $2 ORDER BY notice DESC LIMIT 3) x
        JOIN microblog.notice n ON n.id = x.notice WHERE n.content = $3 AND n.visibility < 3 AND NOT n.is_deleted
        """).Bind(author.Value).Bind(since.Value).Bind(content).AnyAsync();

    public ValueTask<IReadOnlyList<NoticeChange>> ListChangesAsync(ChangePlace after, int count, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).ChangesAsync(after, count);

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

    public async ValueTask<IReadOnlyList<NoticeRevision>> ListRevisionsAsync(NoticeId id, CancellationToken cancellationToken) =>
        await session.Sql("SELECT until, content, detail FROM microblog.revision WHERE notice = $1 ORDER BY number").Bind(id.Value)
            .ListAsync(static row => NoticeDetail.ReadRevision(row.Time(0), row.Text(1), row.Text(2))).ConfigureAwait(false);

    public async ValueTask<bool> EditAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (await FindAsync(notice.Id).ConfigureAwait(false) is not { IsRemote: false } before || !NoticeDetail.Differ(before, notice))
            return false;
        notice = notice with { Groups = before.Groups };
        session.Sql(
            """
            INSERT INTO microblog.revision (notice, number, until, content, detail)
            SELECT $1, 1 + (SELECT count(*) FROM microblog.revision WHERE notice = $1), $2, content, detail FROM microblog.notice WHERE id = $1
            """).Bind(notice.Id.Value).Bind(notice.EditedAt ?? session.Now).Later();
        session.Sql("UPDATE microblog.notice SET content = $2, detail = $3, mentions = $4, tags = $5, changed = $6 WHERE id = $1")
            .Bind(notice.Id.Value).Bind(notice.Content).Bind(NoticeDetail.Write(notice))
            .Bind(PostgresNoticeRow.Join(notice.Mentions)).Bind(PostgresNoticeRow.Join(notice.Tags)).Bind(position.Value).Later();
        new PostgresIndex(session).ChangeNoticesLater(notice.Id.Value);
        session.Sql("DELETE FROM microblog.tag WHERE tag = ANY ($1) AND notice = $2")
            .Bind([.. before.Tags.Except(notice.Tags, StringComparer.Ordinal)]).Bind(notice.Id.Value).Later();
        session.Sql("INSERT INTO microblog.tag (tag, notice) SELECT tag, $2 FROM unnest($1) AS tag ON CONFLICT DO NOTHING")
            .Bind(notice.Tags).Bind(notice.Id.Value).Later();
        session.Sql("DELETE FROM microblog.mention WHERE person = ANY ($1) AND notice = $2")
            .Bind(Numbers(before.Mentions.Except(notice.Mentions))).Bind(notice.Id.Value).Later();
        var mentioned = Numbers(notice.Mentions.Except(before.Mentions));
        session.Sql(
            "INSERT INTO microblog.mention (person, position, notice) SELECT person, $2, $3 FROM unnest($1) AS person ON CONFLICT (person, notice) DO NOTHING")
            .Bind(mentioned).Bind(position.Value).Bind(notice.Id.Value).Later();
        if (before.Visibility != Visibility.Direct)
        {
            session.Sql(
                """
                INSERT INTO microblog.home (owner, position, notice, author) SELECT person, $2, $3, $4 FROM unnest($1) AS person
                ON CONFLICT (owner, notice) DO NOTHING
                """).Bind(mentioned).Bind(position.Value).Bind(notice.Id.Value).Bind(before.Author.Value).Later();
        }

        return true;
    }

    public async ValueTask<bool> PublishAsync(Notice notice, CancellationToken cancellationToken)
    {
        notice = notice with { IsRemote = false, Scope = default };
        var look = await session.Sql(
            """
            SELECT EXISTS (SELECT 1 FROM microblog.repeat WHERE original = $5 AND person = $3), EXISTS (SELECT 1 FROM microblog.notice WHERE id = $1)
                    OR EXISTS (SELECT 1 FROM microblog.notice_uri WHERE uri = $2 AND NOT is_shared AND scope = 0),
                (SELECT max(id) FROM microblog.subscription WHERE publisher = $3 AND state = 1 AND is_subscriber_local),
                (SELECT id FROM microblog.subscription WHERE publisher = $3 AND state = 1 AND is_subscriber_local ORDER BY id OFFSET $4 LIMIT 1)
            """).Bind(notice.Id.Value).Bind(notice.Uri.Value).Bind(notice.Author.Value).Bind(AtOnce - 1).Bind(notice.RepeatOf.Value)
            .FindAsync(static row => new Look(row.Bool(0), row.Bool(1), row.Int64OrNull(2) ?? 0, row.Int64OrNull(3))).ConfigureAwait(false);
        // One that is not committed yet is run into by the key of the table; then this is run again, and sees it.
        if (look!.IsRepeated)
            return false;
        if (look.IsTaken)
            throw new StoreException($"The number or the URI of notice {notice.Id} is taken.");
        var isDirect = notice.Visibility == Visibility.Direct;
        Insert(notice, [notice.Author, .. notice.Audience, .. isDirect ? [] : notice.Mentions], notice.Mentions);
        if (!notice.RepeatOf.IsNone)
            AddRepeat(notice);
        if (isDirect)
            return true;
        Start(new Job(0, notice.Id.Value, notice.Author.Value, Group: 0, After: 0, look.Through, look.Until ?? look.Through));
        if (notice.Groups.Count > 0)
            await AddToGroupsAsync(notice).ConfigureAwait(false);
        Profiles.CountLater((notice.Author.Value, new ProfileCounts(1, 0, 0, 0)));
        return true;
    }

    public ValueTask<IReadOnlyList<ReceiveResult>> ReceiveAsync(IReadOnlyList<ReceivedNotice> notices, CancellationToken cancellationToken) =>
        new PostgresReception(session, notices).ApplyAsync();

    public async ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken)
    {
        var rest = count;
        while (rest > 0 && await TakeJobAsync(rest).ConfigureAwait(false) is { } job)
        {
            if (job.Notice == PostgresLeaving.Job)
            {
                var isMore = await new PostgresLeaving(session).ContinueAsync(new ProfileId(job.Author), rest, position).ConfigureAwait(false);
                LeaveBehind(job with { Until = isMore ? job.After : job.Through });
                break;
            }

            if (job.Notice == Blocking)
            {
                var reached = await ((PostgresModeration)session.Moderation).EndBlockedAsync(job.After, rest).ConfigureAwait(false);
                LeaveBehind(job with { Until = reached ?? job.Through });
                break;
            }

            if (job.Notice != 0)
            {
                FanOut(job, position);
                session.WakesReaders = true;
                Leave(job);
                break;
            }

            session.Sql("DELETE FROM microblog.job WHERE id = $1").Bind(job.Id).Later();
            rest -= Math.Max(1, await session.Lanes.WakeAsync(new ProfileId(job.Author), rest).ConfigureAwait(false));
        }

        // Not those that another process has in hand: it goes on with them itself.
        return await session.Sql("SELECT id FROM microblog.job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED").AnyAsync().ConfigureAwait(false);
    }

    public async ValueTask<bool> DeleteAsync(NoticeId id, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (await FindAsync(id).ConfigureAwait(false) is not { } notice)
            return false;
        UncountLater([notice]);
        foreach (var group in GroupsOf(notice))
            ((PostgresGroups)session.Groups).RemoveLater(new GroupId(group), id);
        // Home entries stay and find nothing: they lie by owner, and looking for all of them would cost more than skipping them.
        session.Sql(
            """
            UPDATE microblog.notice SET is_deleted = true, content = '', url = '', see_also_url = NULL, extensions = '', detail = '', attachments = '',
                replies = 0, repeats = 0, favourites = 0, changed = $2
            WHERE id = $1
            """).Bind(id.Value).Bind(position.Value).Later();
        // Nobody sees these any more.
        session.Sql("UPDATE microblog.notice SET changed = $2 WHERE id IN (SELECT notice FROM microblog.repeat WHERE original = $1)")
            .Bind(id.Value).Bind(position.Value).Later();
        new PostgresIndex(session).ChangeNoticesLater(id.Value);
        if (notice.Counts.Favourites > 0)
            ((PostgresReactions)session.Reactions).Delete("f.notice = $1").Bind(id.Value).Later();
        if (notice.IsCounted)
            Profiles.CountLater((notice.Author.Value, new ProfileCounts(-1, 0, 0, 0)));
        foreach (var table in new[] { "revision", "notification", "attachment", "event", "failure", "job" })
            session.Sql($"DELETE FROM microblog.{table} WHERE notice = $1 AND notice <> 0").Bind(id.Value).Later();
        return true;
    }

    public ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken) =>
        new PostgresCopies(session).RecordOriginAsync(id, replyToUri, isProven);

    /// <summary>Takes back what notices counted for.</summary>
    public void UncountLater(IReadOnlyList<Notice> notices)
    {
        foreach (var notice in notices.Where(notice => notice.IsCountedReply))
            session.Sql("UPDATE microblog.notice SET replies = replies - 1 WHERE id = $1").Bind(notice.ReplyTo.Value).Later();
        foreach (var notice in notices.Where(notice => !notice.RepeatOf.IsNone))
        {
            session.Sql(
                """
                WITH gone AS (DELETE FROM microblog.repeat WHERE original = $1 AND person = $2)
                UPDATE microblog.notice SET repeats = repeats - 1 WHERE id = $1
                """).Bind(notice.RepeatOf.Value).Bind(notice.Author.Value).Later();
        }
    }

    private void AddRepeat(Notice notice) => session.Sql(
        """
        WITH added AS (INSERT INTO microblog.repeat (original, person, notice) VALUES ($1, $2, $3))
        UPDATE microblog.notice SET repeats = repeats + 1 WHERE id = $1
        """).Bind(notice.RepeatOf.Value).Bind(notice.Author.Value).Bind(notice.Id.Value).Later();

    private ValueTask<Notice?> FindAsync(NoticeId id) =>
        session.Sql("SELECT " + PostgresNoticeRow.Columns + " FROM microblog.notice n WHERE n.id = $1 AND NOT n.is_deleted" + session.Lock)
            .Bind(id.Value).FindAsync(PostgresNoticeRow.Read);

    /// <summary>Adds a local notice that nobody but its author and audience comes to see.</summary>
    public void InsertAlone(Notice notice)
    {
        Insert(notice, [notice.Author], []);
        foreach (var attachment in notice.Attachments)
            ((PostgresAttachments)session.Attachments).InsertLater(attachment, notice.Author, notice.Id);
        // It stands where the index has passed.
        new PostgresIndex(session).ChangeNoticesLater(notice.Id.Value);
        if (notice.IsCounted)
            Profiles.CountLater((notice.Author.Value, new ProfileCounts(1, 0, 0, 0)));
    }

    private PostgresProfiles Profiles => (PostgresProfiles)session.Profiles;

    private void Insert(Notice notice, ProfileId[] owners, IReadOnlyList<ProfileId> mentioned)
    {
        if (notice.IsCountedReply)
            session.Sql("UPDATE microblog.notice SET replies = replies + 1 WHERE id = $1").Bind(notice.ReplyTo.Value).Later();
        var rows = new PostgresNoticeRows();
        rows.Add(notice, notice.Author);
        foreach (var owner in owners)
            rows.AddHome(owner, notice.Id.Value, notice.Id.Value, notice.Author);
        foreach (var person in mentioned)
            rows.AddMention(person, notice.Id.Value, notice.Id.Value);
        rows.WriteLater(session);
        session.WakesReaders = true;
    }

    // Those that the author is in, and stays in until this is stored; always in the order of their numbers. The members of each are numbered
    // by when they came.
    private async ValueTask AddToGroupsAsync(Notice notice)
    {
        var groups = GroupsOf(notice);
        var jobs = await session.Sql(
            """
            SELECT a.group_id, (SELECT max(position) FROM microblog.group_member WHERE group_id = a.group_id AND standing >= 2),
                (SELECT position FROM microblog.group_member WHERE group_id = a.group_id AND standing >= 2 ORDER BY position OFFSET $3 LIMIT 1)
            FROM microblog.group_member a WHERE a.group_id = ANY ($1) AND a.person = $2 AND a.standing >= 2 ORDER BY a.group_id
            """ + session.Lock + " OF a")
            .Bind(groups).Bind(notice.Author.Value).Bind(Math.Max(1, AtOnce / groups.Length) - 1)
            .ListAsync(row => new Job(
                0, notice.Id.Value, notice.Author.Value, row.Int64(0), After: 0, row.Int64(1), row.Int64OrNull(2) ?? row.Int64(1))).ConfigureAwait(false);
        foreach (var job in jobs)
        {
            Start(job);
            ((PostgresGroups)session.Groups).AddLater(new GroupId(job.Group), notice.Id);
        }
    }

    private static long[] GroupsOf(Notice notice) => [.. notice.Groups.Select(named => named.Id.Value).Distinct().Order()];

    // What is beyond the first turn waits as a job.
    private void Start(Job job)
    {
        FanOut(job, TimelinePosition.FromNoticeId(new NoticeId(job.Notice)));
        if (job.Until >= job.Through)
            return;
        session.Sql("INSERT INTO microblog.job (notice, author, group_id, after, through) VALUES ($1, $2, $3, $4, $5)")
            .Bind(job.Notice).Bind(job.Author).Bind(job.Group).Bind(job.Until).Bind(job.Through).Later();
        session.WakesWorkers = true;
    }

    // Followers are numbered by their subscriptions, members of a group by their places in it.
    private void FanOut(Job job, TimelinePosition position)
    {
        var (readers, whose) = job.Group == 0
            ? ("subscriber, greatest($4, $5), $5, $6 FROM microblog.subscription WHERE publisher = $1 AND state = 1 AND is_subscriber_local AND id > $2 AND id <= $3", job.Author)
            : ("person, greatest($4, $5), $5, $6 FROM microblog.group_member WHERE group_id = $1 AND standing >= 2 AND position > $2 AND position <= $3", job.Group);
        session.Sql("INSERT INTO microblog.home (owner, position, notice, author) SELECT " + readers + " ON CONFLICT (owner, notice) DO NOTHING")
            .Bind(whose).Bind(job.After).Bind(job.Until).Bind(position.Value).Bind(job.Notice).Bind(job.Author).Later();
    }

    private void Leave(Job job)
    {
        if (job.Until < job.Through)
            session.Sql("UPDATE microblog.job SET after = $2 WHERE id = $1").Bind(job.Id).Bind(job.Until).Later();
        else
            session.Sql("DELETE FROM microblog.job WHERE id = $1").Bind(job.Id).Later();
    }

    // Behind the others: nobody's notice waits for what somebody leaves behind, however much it is.
    private void LeaveBehind(Job job)
    {
        Leave(job);
        session.Sql("UPDATE microblog.job SET id = DEFAULT WHERE id = $1").Bind(job.Id).Later();
    }

    // The oldest that no other process has in hand, and how far so many followers reach.
    private ValueTask<Job?> TakeJobAsync(int count) => session.Sql(
        """
        SELECT j.id, j.notice, j.author, j.group_id, j.after, j.through,
            CASE WHEN j.group_id = 0 THEN (SELECT s.id FROM microblog.subscription s WHERE j.notice <> 0
                AND s.publisher = j.author AND s.state = 1 AND s.is_subscriber_local AND s.id > j.after AND s.id <= j.through
                ORDER BY s.id OFFSET $1 LIMIT 1)
            ELSE (SELECT m.position FROM microblog.group_member m
                WHERE m.group_id = j.group_id AND m.standing >= 2 AND m.position > j.after AND m.position <= j.through
                ORDER BY m.position OFFSET $1 LIMIT 1) END
        FROM microblog.job j ORDER BY j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
        """)
        .Bind(count - 1)
        .FindAsync(static row => new Job(
            row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5), row.Int64OrNull(6) ?? row.Int64(5)));

    private static long[] Numbers(IEnumerable<ProfileId> people) => [.. people.Select(person => person.Value)];

    private sealed record Job(long Id, long Notice, long Author, long Group, long After, long Through, long Until);

    private sealed record Look(bool IsRepeated, bool IsTaken, long Through, long? Until);
}
