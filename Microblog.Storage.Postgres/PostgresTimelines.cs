namespace Microblog.Storage.Postgres;

/// <summary>Lists of notices. In every query n is the notice, h the viewer's home entry of it if there is one, p the author as the
/// viewer knows them, and $1 the viewer.</summary>
/// <remarks>OFFSET 0 keeps the planner from joining in another way: the list's index is walked in its order, and the rest looked up row
/// by row, whatever the statistics say of the tables and of values that a prepared statement does not know yet.</remarks>
internal sealed class PostgresTimelines(PostgresSession session) : ITimelineReader
{
    private const string Columns = PostgresNoticeRow.Columns + ", " + PostgresProfileRow.Columns;
    private const int PositionColumn = PostgresNoticeRow.Count + PostgresProfileRow.Count;

    private const string Listed = " CROSS JOIN LATERAL (SELECT * FROM microblog.notice WHERE id = x.notice OFFSET 0) n";

    private const string Joins =
        """
         LEFT JOIN LATERAL (SELECT owner, author FROM microblog.home WHERE owner = $1 AND notice = n.id OFFSET 0) h ON true
         CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = coalesce(h.author, n.author) OFFSET 0) p WHERE
        """;

    // The rule of INoticeReader.FindAsync, and the only place where it stands.
    private const string Visible =
        " AND NOT n.is_deleted AND " + PostgresStanding.Present +
        """
         AND CASE
            WHEN n.is_remote THEN h.owner IS NOT NULL OR (n.scope = 0 AND n.visibility < 2 AND NOT n.is_local_only)
            WHEN n.author = $1 THEN true
            WHEN n.visibility < 2 THEN NOT n.is_local_only OR $1 <> 0
            WHEN n.visibility = 2 THEN EXISTS (SELECT 1 FROM microblog.subscription s
                WHERE s.subscriber = $1 AND s.publisher = n.author AND s.state = 1 OFFSET 0)
            ELSE EXISTS (SELECT 1 FROM microblog.audience a WHERE a.notice = n.id AND a.person = $1 OFFSET 0)
         END
         AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = $1 AND b.blocked = p.uri OFFSET 0)
         AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = n.author
            AND b.blocked = (SELECT v.uri FROM microblog.profile v WHERE v.id = $1) OFFSET 0)
         AND CASE WHEN n.repeat_of = 0 THEN true ELSE EXISTS (SELECT 1 FROM microblog.notice o JOIN microblog.profile w ON w.id = o.author
            WHERE o.id = n.repeat_of AND NOT o.is_deleted
        """ + " AND " + PostgresStanding.RepeatedPresent +
        """
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = $1 AND b.blocked = w.uri OFFSET 0)
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = o.author
                AND b.blocked = (SELECT v.uri FROM microblog.profile v WHERE v.id = $1) OFFSET 0) OFFSET 0) END
        """;

    private const string Down = " DESC LIMIT $4";
    private const string Up = " LIMIT $4";

    private const string ById = "SELECT " + Columns + ", n.id FROM microblog.notice n" + Joins + " n.id = $2" + Visible;

    // The numbers are looked up one by one, whatever the planner thinks of them.
    private const string Several = "SELECT " + Columns + ", n.id FROM unnest($2) AS x (notice)" + Listed + Joins + " true" + Visible + " ORDER BY x.notice";

    private const string Home = "SELECT " + Columns + ", h.position FROM microblog.home h"
        + " CROSS JOIN LATERAL (SELECT * FROM microblog.notice WHERE id = h.notice OFFSET 0) n"
        + " CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = h.author OFFSET 0) p"
        + " WHERE h.owner = $1 AND h.position > $2 AND h.position < $3" + Visible + Unmuted + " ORDER BY h.position";

    private const string Public = "SELECT " + Columns + ", n.id FROM microblog.notice n" + Joins
        + " NOT n.is_remote AND n.visibility = 0 AND n.id > $2 AND n.id < $3" + Visible + Unmuted + " ORDER BY n.id";

    private const string Profile = "SELECT " + Columns + ", n.id FROM microblog.authorship x" + Listed + Joins
        + " x.author = $6 AND x.notice > $2 AND x.notice < $3 AND (p.id = $6 OR (n.author = $6 AND n.scope = 0))" + Visible
        + " ORDER BY x.notice";

    // The inner list is walked in its order too, and no further than to the first that may be seen.
    private const string Latest = "SELECT l.*, y.author FROM unnest($2) AS y (author) CROSS JOIN LATERAL (SELECT " + Columns
        + ", n.id FROM (SELECT notice FROM microblog.authorship WHERE author = y.author ORDER BY notice DESC LIMIT $3) x" + Listed + Joins
        + " n.visibility <> 3 AND (p.id = y.author OR (n.author = y.author AND n.scope = 0))" + Visible + " ORDER BY x.notice DESC LIMIT 1) l";

    private const string Mentions = "SELECT " + Columns + ", x.position FROM microblog.mention x" + Listed + Joins
        + " x.person = $1 AND x.position > $2 AND x.position < $3" + Visible + Unmuted + " ORDER BY x.position";

    // The first notice lies outside the index of the others, so that notices which nobody answers cost that nothing.
    private const string Conversation = "SELECT * FROM ((SELECT " + Columns + ", n.id AS place FROM microblog.notice n" + Joins
        + " n.conversation = $6 AND n.conversation <> n.id AND n.id > $2 AND n.id < $3" + Visible + " ORDER BY n.id {0}) UNION ALL (SELECT " + Columns
        + ", n.id FROM microblog.notice n" + Joins
        + " n.id = $6 AND n.conversation = n.id AND n.id > $2 AND n.id < $3" + Visible + " ORDER BY n.id {0})) AS merged ORDER BY place";

    private const string Tag = "SELECT " + Columns + ", n.id FROM microblog.tag x" + Listed + Joins
        + " x.tag = $6 AND x.notice > $2 AND x.notice < $3 AND n.visibility = 0" + Visible + Unmuted + " ORDER BY x.notice";

    private const string Group = "SELECT " + Columns + ", n.id FROM microblog.group_notice x" + Listed + Joins
        + " x.group_id = $6 AND x.notice > $2 AND x.notice < $3" + Visible + Unmuted + " ORDER BY x.notice";

    private const string Favourites = "SELECT " + Columns + ", x.position FROM microblog.favourite x" + Listed + Joins
        + " x.person = $6 AND x.position > $2 AND x.position < $3" + Visible + " ORDER BY x.position";

    // Written and received ones lie in two indexes; each is walked, and the two are merged.
    private const string Direct = "SELECT * FROM ((SELECT " + Columns + ", n.id AS place FROM microblog.notice n" + Joins
        + " n.author = $1 AND n.visibility = 3 AND n.id > $2 AND n.id < $3" + Visible + " ORDER BY n.id {0}) UNION ALL (SELECT " + Columns
        + ", x.notice FROM microblog.audience x" + Listed + Joins
        + " x.person = $1 AND x.notice > $2 AND x.notice < $3 AND n.visibility = 3 AND n.author <> $1" + Visible + " ORDER BY x.notice {0})) AS merged ORDER BY place";

    // For lists of many people's notices (ISubscriptionStore.MuteAsync, Standing.Silenced).
    private const string Unmuted =
        " AND " + PostgresStanding.Heard +
        """
         AND CASE WHEN n.repeat_of = 0 THEN true ELSE EXISTS (SELECT 1 FROM microblog.notice o JOIN microblog.profile w ON w.id = o.author
            WHERE o.id = n.repeat_of
        """ + " AND " + PostgresStanding.RepeatedHeard +
        """
         OFFSET 0) END
         AND NOT EXISTS (SELECT 1 FROM microblog.mute m WHERE m.muter = $1 AND m.muted = p.uri AND (m.until IS NULL OR m.until > $5) OFFSET 0)
         AND CASE WHEN n.repeat_of = 0 THEN true ELSE NOT EXISTS (SELECT 1 FROM microblog.mute m
            WHERE m.muter = $1 AND m.muted = (SELECT w.uri FROM microblog.profile w WHERE w.id = (SELECT o.author FROM microblog.notice o WHERE o.id = n.repeat_of))
            AND (m.until IS NULL OR m.until > $5) OFFSET 0) END
        """;

    // What is not listed is found by those whom it reached. The numbers are looked up one by one, whatever the planner thinks of them.
    private const string Found = "SELECT " + Columns + ", n.id FROM unnest($2) AS x (notice)" + Listed + Joins
        + " $3 = $4 AND (n.visibility <> 1 OR h.owner IS NOT NULL)" + Visible + Unmuted;

    // The actor of what is about no notice, or was done to one; whom a block stands between is not told of each other.
    private const string Actor =
        """
         CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = x.actor OFFSET 0) a
         WHERE x.owner = $1 AND x.position > $2 AND x.position < $3
        """ + " AND " + PostgresStanding.ActorPresent + " AND " + PostgresStanding.ActorHeard +
        """
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = $1 AND b.blocked = a.uri OFFSET 0)
            AND NOT EXISTS (SELECT 1 FROM microblog.mute m WHERE m.muter = $1 AND m.muted = a.uri AND (m.until IS NULL OR m.until > $5) OFFSET 0)
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = a.id AND b.blocked = (SELECT v.uri FROM microblog.profile v WHERE v.id = $1) OFFSET 0)
            AND (x.notice = 0 OR (true
        """;

    private static readonly string ActorColumns = PostgresProfileRow.Columns.Replace("p.", "a.", StringComparison.Ordinal);

    private static readonly string Told = "SELECT * FROM ((SELECT " + Columns + ", x.position AS place, x.kind, " + ActorColumns + " FROM microblog.notification x"
        + " LEFT JOIN LATERAL (SELECT * FROM microblog.notice WHERE id = x.notice OFFSET 0) n ON true"
        + " LEFT JOIN LATERAL (SELECT owner, author FROM microblog.home WHERE owner = $1 AND notice = n.id OFFSET 0) h ON true"
        + " LEFT JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = coalesce(h.author, n.author) OFFSET 0) p ON true"
        + Actor + Visible + ")) ORDER BY x.position {0}) UNION ALL (SELECT " + Columns + ", x.position, 0, " + PostgresProfileRow.Columns
        + " FROM microblog.mention x" + Listed + Joins
        + " x.person = $1 AND x.position > $2 AND x.position < $3 AND p.id <> $1" + Visible + Unmuted + " ORDER BY x.position {0})) AS merged ORDER BY place";

    public ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Home, owner, page), owner, page);

    public ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Public, viewer, page), viewer, page);

    public ValueTask<EntryPage> ProfileAsync(
        ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Profile, viewer, page).Bind(author.Value), viewer, page);

    public async ValueTask<IReadOnlyDictionary<ProfileId, TimelineEntry>> LatestAsync(
        IReadOnlyCollection<ProfileId> authors, ProfileId viewer, CancellationToken cancellationToken)
    {
        session.Sql("SET LOCAL plan_cache_mode = force_generic_plan").Later();
        var found = await session.Sql(Latest).Bind(viewer.Value).Bind([.. authors.Select(author => author.Value)]).Bind((long)ITimelineReader.LatestLooked)
            .ListAsync(static row => (Author: new ProfileId(row.Int64(PositionColumn + 1)), Entry: Entry(row))).ConfigureAwait(false);
        var entries = await WithRepeatedAsync([.. found.Select(latest => latest.Entry)], viewer).ConfigureAwait(false);
        return found.Zip(entries, static (latest, entry) => (latest.Author, entry)).ToDictionary();
    }

    public ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Mentions, person, page), person, page);

    public ValueTask<EntryPage> ConversationAsync(
        NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Merged(Conversation, page), viewer, page).Bind(conversation.Value), viewer, page);

    public ValueTask<EntryPage> TagAsync(
        string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Tag, viewer, page).Bind(tag), viewer, page);

    public ValueTask<EntryPage> GroupAsync(GroupId group, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Group, viewer, page).Bind(group.Value), viewer, page);

    public ValueTask<EntryPage> FavouritesAsync(ProfileId person, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Favourites, viewer, page).Bind(person.Value), viewer, page);

    public ValueTask<EntryPage> DirectAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Merged(Direct, page), person, page), person, page);

    /// <summary>What people are told: mentions and the rest, each walked in its index, and the two merged.</summary>
    public async ValueTask<NotificationPage> NotificationsAsync(ProfileId owner, PageRequest page)
    {
        var list = await Query(Merged(Told, page), owner, page).ListAsync(static row => new NotificationEntry(
            (NotificationKind)row.Int32(PositionColumn + 1),
            new TimelinePosition(row.Int64(PositionColumn)),
            PostgresProfileRow.Read(row, PositionColumn + 2),
            row.IsNull(0) ? null : Entry(row))).ConfigureAwait(false);
        var notices = await WithRepeatedAsync([.. list.Select(entry => entry.Notice).OfType<TimelineEntry>()], owner).ConfigureAwait(false);
        var shown = notices.ToLookup(entry => entry.Notice.Id);
        list = [.. list.Select(entry => entry.Notice is { } notice ? entry with { Notice = shown[notice.Notice.Id].First() } : entry)];
        if (page.After is not null)
            list.Reverse();
        return NotificationPage.Create(list, page, session.Horizon);
    }

    /// <summary>One notice, if the viewer may see it.</summary>
    public async ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer)
    {
        var entry = await session.Sql(session.Lock.Length > 0 ? ById + session.Lock + " OF n" : ById).Bind(viewer.Value).Bind(id.Value)
            .FindAsync(Entry).ConfigureAwait(false);
        return entry is null ? null : (await WithRepeatedAsync([entry], viewer).ConfigureAwait(false))[0];
    }

    /// <summary>Those of some notices that the viewer may see, oldest first; in a transaction that writes locked in this order.</summary>
    public async ValueTask<IReadOnlyList<TimelineEntry>> FindAsync(IReadOnlyCollection<NoticeId> ids, ProfileId viewer)
    {
        var entries = await session.Sql(session.Lock.Length > 0 ? Several + session.Lock + " OF n" : Several)
            .Bind(viewer.Value).Bind([.. ids.Select(id => id.Value).Distinct().Order()]).ListAsync(Entry).ConfigureAwait(false);
        return await WithRepeatedAsync(entries, viewer).ConfigureAwait(false);
    }

    // Only where there is a repeat does it cost a question.
    private async ValueTask<List<TimelineEntry>> WithRepeatedAsync(List<TimelineEntry> entries, ProfileId viewer)
    {
        long[] wanted = [.. entries.Where(entry => !entry.Notice.RepeatOf.IsNone).Select(entry => entry.Notice.RepeatOf.Value).Distinct()];
        if (wanted.Length == 0)
            return entries;
        var found = (await session.Sql(Several).Bind(viewer.Value).Bind(wanted).ListAsync(Entry).ConfigureAwait(false)).ToDictionary(entry => entry.Notice.Id);
        return [.. entries.Select(entry => entry with { Repeated = found.GetValueOrDefault(entry.Notice.RepeatOf) })];
    }

    /// <summary>Of notices that were found otherwise, by a search, those that the viewer may see and wants to.</summary>
    public async ValueTask<IReadOnlyList<TimelineEntry>> FoundAsync(IReadOnlyList<long> notices, ProfileId viewer) =>
        await session.Sql(Found).Bind(viewer.Value).Bind(notices).Bind(0L).Bind(0L).Bind(session.Now).ListAsync(Entry).ConfigureAwait(false);

    /// <summary>What became of public notices, behind a place.</summary>
    public async ValueTask<IReadOnlyList<NoticeChange>> ChangesAsync(ChangePlace after, int count)
    {
        var changes = await session.Sql(
            """
            SELECT changed, id, uri FROM microblog.notice
            WHERE changed <> 0 AND NOT is_remote AND visibility = 0 AND NOT is_local_only AND (changed, id) > ($1, $2) AND changed < $3
            ORDER BY changed, id LIMIT $4
            """).Bind(after.Position.Value).Bind(after.Notice.Value).Bind(session.Horizon).Bind(count)
            .ListAsync(static row => (Place: new ChangePlace(new TimelinePosition(row.Int64(0)), new NoticeId(row.Int64(1))), Uri: NoticeUri.Parse(row.Text(2))))
            .ConfigureAwait(false);
        if (changes.Count == 0)
            return [];
        var found = (await FoundAsync([.. changes.Select(change => change.Place.Notice.Value)], default).ConfigureAwait(false)).ToDictionary(entry => entry.Notice.Id);
        return [.. changes.Select(change => new NoticeChange(change.Place, change.Uri, found.GetValueOrDefault(change.Place.Notice)))];
    }

    private static string Merged(string list, PageRequest page) => list.Replace("{0}", page.After is null ? "DESC LIMIT $4" : "LIMIT $4", StringComparison.Ordinal);

    private static TimelineEntry Entry(PostgresRow row) =>
        new(PostgresNoticeRow.Read(row), PostgresProfileRow.Read(row, PostgresNoticeRow.Count), new TimelinePosition(row.Int64(PositionColumn)));

    private PostgresCommand Query(string list, ProfileId viewer, PageRequest page)
    {
        var (after, before) = Bounds(page);
        // All of these follow an index in its order, whatever the values are; with many rows the planner would believe otherwise of each of
        // them, and think about a page for three times as long as it takes to read it.
        session.Sql("SET LOCAL plan_cache_mode = force_generic_plan").Later();
        return session.Sql(list + (page.After is null ? Down : Up)).Bind(viewer.Value).Bind(after).Bind(before).Bind(page.Count).Bind(session.Now);
    }

    private async ValueTask<EntryPage> PageAsync(PostgresCommand query, ProfileId viewer, PageRequest page) =>
        EntryPage.Create(await ReadAsync(query, viewer, page).ConfigureAwait(false), page, session.Horizon);

    private async ValueTask<List<TimelineEntry>> ReadAsync(PostgresCommand query, ProfileId viewer, PageRequest page)
    {
        var list = await WithRepeatedAsync(await query.ListAsync(Entry).ConfigureAwait(false), viewer).ConfigureAwait(false);
        if (page.After is not null)
            list.Reverse();
        return list;
    }

    // Both exclusive.
    private (long After, long Before) Bounds(PageRequest page) => page.After is { } after
        ? (after.Value, session.Horizon)
        : (0, page.Before?.Value ?? long.MaxValue);
}
