namespace Microblog.Storage.Sqlite;

/// <summary>Lists of notices. In every query n is the notice, h the viewer's home entry of it if there is one, p the author as the
/// viewer knows them, and ?1 the viewer.</summary>
/// <remarks>CROSS JOIN keeps the order of the tables: the list's index is walked, and the rest looked up row by row.</remarks>
internal sealed class SqliteTimelines(SqliteSession session) : ITimelineReader
{
    private const string Columns = NoticeRow.Columns + ", " + ProfileRow.Columns;
    private const int PositionColumn = NoticeRow.Count + ProfileRow.Count;

    private const string Select = "SELECT " + Columns + ", n.id FROM ";

    private const string Joins =
        """
         LEFT JOIN microblog_home h ON h.owner = ?1 AND h.notice = n.id
         CROSS JOIN microblog_profile p ON p.id = coalesce(h.author, n.author) WHERE
        """;

    // The rule of INoticeReader.FindAsync, and the only place where it stands.
    private const string Visible =
        " AND n.is_deleted = 0 AND " + SqliteStanding.Present +
        """
         AND CASE
            WHEN n.is_remote = 1 THEN h.owner IS NOT NULL OR (n.scope = 0 AND n.visibility < 2 AND n.is_local_only = 0)
            WHEN n.author = ?1 THEN 1
            WHEN n.visibility < 2 THEN n.is_local_only = 0 OR ?1 <> 0
            WHEN n.visibility = 2 THEN EXISTS (SELECT 1 FROM microblog_subscription s
                WHERE s.subscriber = ?1 AND s.publisher = n.author AND s.state = 1)
            ELSE EXISTS (SELECT 1 FROM microblog_audience a WHERE a.notice = n.id AND a.person = ?1)
         END
         AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = ?1 AND b.blocked = p.uri)
         AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = n.author
            AND b.blocked = (SELECT v.uri FROM microblog_profile v WHERE v.id = ?1))
         AND (n.repeat_of = 0 OR EXISTS (SELECT 1 FROM microblog_notice o CROSS JOIN microblog_profile w ON w.id = o.author
            WHERE o.id = n.repeat_of AND o.is_deleted = 0
        """ + " AND " + SqliteStanding.RepeatedPresent +
        """
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = ?1 AND b.blocked = w.uri)
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = o.author
                AND b.blocked = (SELECT v.uri FROM microblog_profile v WHERE v.id = ?1))))
        """;

    // For lists of many people's notices (ISubscriptionStore.MuteAsync, Standing.Silenced).
    private const string Unmuted =
        " AND " + SqliteStanding.Heard +
        """
         AND (n.repeat_of = 0 OR EXISTS (SELECT 1 FROM microblog_notice o CROSS JOIN microblog_profile w ON w.id = o.author
            WHERE o.id = n.repeat_of
        """ + " AND " + SqliteStanding.RepeatedHeard +
        """
        ))
         AND NOT EXISTS (SELECT 1 FROM microblog_mute m WHERE m.muter = ?1 AND m.muted = p.uri AND (m.until IS NULL OR m.until > ?6))
         AND (n.repeat_of = 0 OR NOT EXISTS (SELECT 1 FROM microblog_notice o CROSS JOIN microblog_profile w ON w.id = o.author
            CROSS JOIN microblog_mute m ON m.muter = ?1 AND m.muted = w.uri AND (m.until IS NULL OR m.until > ?6) WHERE o.id = n.repeat_of))
        """;

    // The actor of what is about no notice, or was done to one; whom a block stands between is not told of each other.
    private const string Actor =
        """
         CROSS JOIN microblog_profile a ON a.id = x.actor
         WHERE x.owner = ?1 AND x.position > ?2 AND x.position < ?3
        """ + " AND " + SqliteStanding.ActorPresent + " AND " + SqliteStanding.ActorHeard +
        """
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = ?1 AND b.blocked = a.uri)
            AND NOT EXISTS (SELECT 1 FROM microblog_mute m WHERE m.muter = ?1 AND m.muted = a.uri AND (m.until IS NULL OR m.until > ?6))
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = a.id AND b.blocked = (SELECT v.uri FROM microblog_profile v WHERE v.id = ?1))
            AND (x.notice = 0 OR (TRUE
        """;

    private static readonly string ActorColumns = ProfileRow.Columns.Replace("p.", "a.", StringComparison.Ordinal);

    private static readonly string Told = "SELECT " + Columns + ", x.position, x.kind, " + ActorColumns + " FROM microblog_notification x"
        + " LEFT JOIN microblog_notice n ON n.id = x.notice LEFT JOIN microblog_home h ON h.owner = ?1 AND h.notice = n.id"
        + " LEFT JOIN microblog_profile p ON p.id = coalesce(h.author, n.author)" + Actor + Visible + "))"
        + " UNION ALL SELECT " + Columns + ", x.position, 0, " + string.Join(", ", Enumerable.Repeat("NULL", ProfileRow.Count))
        + " FROM microblog_mention x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.person = ?1 AND x.position > ?2 AND x.position < ?3 AND p.id <> ?1" + Visible + Unmuted
        + " ORDER BY " + (PositionColumn + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private const string Down = " DESC LIMIT ?4";
    private const string Up = " LIMIT ?4";

    private static readonly string ToldDown = string.Intern(Told + Down);
    private static readonly string ToldUp = string.Intern(Told + Up);

    private const string ById = Select + "microblog_notice n" + Joins + " n.id = ?2" + Visible;

    // What is not listed is found by those whom it reached.
    private const string Listed = " AND (n.visibility <> 1 OR h.owner IS NOT NULL)";

    private const string FoundById = ById + Listed + Unmuted;

    private const string Home = "SELECT " + Columns + ", h.position FROM "
        + "microblog_home h CROSS JOIN microblog_notice n ON n.id = h.notice CROSS JOIN microblog_profile p ON p.id = h.author "
        + "WHERE h.owner = ?1 AND h.position > ?2 AND h.position < ?3" + Visible + Unmuted + " ORDER BY h.position";

    private const string Public = Select + "microblog_notice n INDEXED BY microblog_notice_public" + Joins
        + " n.is_remote = 0 AND n.visibility = 0 AND n.id > ?2 AND n.id < ?3" + Visible + Unmuted + " ORDER BY n.id";

    private const string Profile = Select + "microblog_authorship x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.author = ?5 AND x.notice > ?2 AND x.notice < ?3 AND (p.id = ?5 OR (n.author = ?5 AND n.scope = 0))" + Visible
        + " ORDER BY x.notice";

    // Where it ends is looked up first, so that the index is walked in its order all the same.
    private const string Latest = Select + "microblog_authorship x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.author = ?5 AND x.notice >= coalesce((SELECT y.notice FROM microblog_authorship y WHERE y.author = ?5 ORDER BY y.notice DESC LIMIT 1 OFFSET ?4), 0)"
        + " AND n.visibility <> 3 AND (p.id = ?5 OR (n.author = ?5 AND n.scope = 0))" + Visible + " ORDER BY x.notice DESC LIMIT 1";

    private const string Mentions = "SELECT " + Columns + ", x.position FROM microblog_mention x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.person = ?1 AND x.position > ?2 AND x.position < ?3" + Visible + Unmuted + " ORDER BY x.position";

    // The first notice lies outside the index of the others, so that notices which nobody answers cost that nothing.
    private const string Conversation = Select + "microblog_notice n INDEXED BY microblog_notice_conversation" + Joins
        + " n.conversation = ?5 AND n.conversation <> n.id AND n.id > ?2 AND n.id < ?3" + Visible
        + " UNION ALL " + Select + "microblog_notice n" + Joins
        + " n.id = ?5 AND n.conversation = n.id AND n.id > ?2 AND n.id < ?3" + Visible + " ORDER BY 1";

    private const string Tag = Select + "microblog_tag x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.tag = ?5 AND x.notice > ?2 AND x.notice < ?3 AND n.visibility = 0" + Visible + Unmuted + " ORDER BY x.notice";

    private const string Group = Select + "microblog_group_notice x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.group_id = ?5 AND x.notice > ?2 AND x.notice < ?3" + Visible + Unmuted + " ORDER BY x.notice";

    private const string Favourites = "SELECT " + Columns + ", x.position FROM microblog_favourite x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.person = ?5 AND x.position > ?2 AND x.position < ?3" + Visible + " ORDER BY x.position";

    // Written and received ones lie in two indexes; each is walked, and the two are merged.
    private const string Direct = Select + "microblog_notice n INDEXED BY microblog_notice_direct" + Joins
        + " n.author = ?1 AND n.visibility = 3 AND n.id > ?2 AND n.id < ?3" + Visible
        + " UNION ALL " + Select + "microblog_audience x CROSS JOIN microblog_notice n ON n.id = x.notice" + Joins
        + " x.person = ?1 AND x.notice > ?2 AND x.notice < ?3 AND n.visibility = 3 AND n.author <> ?1" + Visible + " ORDER BY 1";

    public ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        new(Page(page.After is null ? session.Use(Home + Down) : session.Use(Home + Up), owner, page));

    public ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page(page.After is null ? session.Use(Public + Down) : session.Use(Public + Up), viewer, page));

    public ValueTask<EntryPage> ProfileAsync(
        ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page((page.After is null ? session.Use(Profile + Down) : session.Use(Profile + Up)).Bind(5, author.Value), viewer, page));

    public ValueTask<IReadOnlyDictionary<ProfileId, TimelineEntry>> LatestAsync(
        IReadOnlyCollection<ProfileId> authors, ProfileId viewer, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ProfileId, TimelineEntry>();
        foreach (var author in authors)
        {
            if (FindLatest(author, viewer) is { } entry)
                found[author] = WithRepeated(entry, viewer);
        }

        return new(found);
    }

    public ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        new(Page(page.After is null ? session.Use(Mentions + Down) : session.Use(Mentions + Up), person, page));

    public ValueTask<EntryPage> ConversationAsync(
        NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page((page.After is null ? session.Use(Conversation + Down) : session.Use(Conversation + Up)).Bind(5, conversation.Value), viewer, page));

    public ValueTask<EntryPage> TagAsync(
        string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page((page.After is null ? session.Use(Tag + Down) : session.Use(Tag + Up)).Bind(5, tag), viewer, page));

    public ValueTask<EntryPage> GroupAsync(GroupId group, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page((page.After is null ? session.Use(Group + Down) : session.Use(Group + Up)).Bind(5, group.Value), viewer, page));

    public ValueTask<EntryPage> FavouritesAsync(ProfileId person, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        new(Page((page.After is null ? session.Use(Favourites + Down) : session.Use(Favourites + Up)).Bind(5, person.Value), viewer, page));

    public ValueTask<EntryPage> DirectAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        new(Page(page.After is null ? session.Use(Direct + Down) : session.Use(Direct + Up), person, page));

    /// <summary>One notice, if the viewer may see it.</summary>
    public TimelineEntry? Find(NoticeId id, ProfileId viewer) => FindPlain(id, viewer) is { } entry ? WithRepeated(entry, viewer) : null;

    /// <summary>Of notices that were found otherwise, by a search, those that the viewer may see and wants to.</summary>
    public IReadOnlyList<TimelineEntry> Found(IReadOnlyList<long> notices, ProfileId viewer)
    {
        var list = new List<TimelineEntry>();
        foreach (var notice in notices)
        {
            using var row = session.Use(FoundById).Bind(1, viewer.Value).Bind(2, notice).Bind(6, session.Now);
            if (row.Step())
                list.Add(Entry(row));
        }

        return list;
    }

    /// <summary>What became of public notices, behind a place.</summary>
    public IReadOnlyList<NoticeChange> Changes(ChangePlace after, int count)
    {
        var changes = new List<(ChangePlace Place, NoticeUri Uri)>();
        using (var rows = session.Use(
            """
            SELECT changed, id, uri FROM microblog_notice INDEXED BY microblog_notice_changed
            WHERE changed <> 0 AND is_remote = 0 AND visibility = 0 AND is_local_only = 0 AND (changed, id) > (?1, ?2) AND changed < ?3
            ORDER BY changed, id LIMIT ?4
            """).Bind(1, after.Position.Value).Bind(2, after.Notice.Value).Bind(3, session.Horizon).Bind(4, count))
        {
            while (rows.Step())
                changes.Add((new ChangePlace(new TimelinePosition(rows.Int64(0)), new NoticeId(rows.Int64(1))), NoticeUri.Parse(rows.Text(2))));
        }

        var found = Found([.. changes.Select(change => change.Place.Notice.Value)], default).ToDictionary(entry => entry.Notice.Id);
        return [.. changes.Select(change => new NoticeChange(change.Place, change.Uri, found.GetValueOrDefault(change.Place.Notice)))];
    }

    /// <summary>What people are told: mentions and the rest, each walked in its index, and the two merged.</summary>
    public NotificationPage Notifications(ProfileId owner, PageRequest page)
    {
        var list = ReadNotifications(page.After is null ? session.Use(ToldDown) : session.Use(ToldUp), owner, page);
        return NotificationPage.Create(
            [.. list.Select(entry => entry with { Notice = entry.Notice is null ? null : WithRepeated(entry.Notice, owner) })], page, session.Horizon);
    }

    private List<NotificationEntry> ReadNotifications(SqliteStatement query, ProfileId owner, PageRequest page)
    {
        var (after, before) = Bounds(page);
        using var rows = query.Bind(1, owner.Value).Bind(2, after).Bind(3, before).Bind(4, page.Count).BindIfUsed(6, session.Now);
        var list = new List<NotificationEntry>();
        while (rows.Step())
        {
            var kind = (NotificationKind)rows.Int32(PositionColumn + 1);
            var notice = rows.IsNull(0) ? null : Entry(rows);
            var actor = rows.IsNull(PositionColumn + 2) ? notice!.Author : ProfileRow.Read(rows, PositionColumn + 2);
            list.Add(new NotificationEntry(kind, new TimelinePosition(rows.Int64(PositionColumn)), actor, notice));
        }

        if (page.After is not null)
            list.Reverse();
        return list;
    }

    private TimelineEntry? FindLatest(ProfileId author, ProfileId viewer)
    {
        using var row = session.Use(Latest).Bind(1, viewer.Value).Bind(4, ITimelineReader.LatestLooked - 1).Bind(5, author.Value);
        return row.Step() ? Entry(row) : null;
    }

    private TimelineEntry? FindPlain(NoticeId id, ProfileId viewer)
    {
        using var row = session.Use(ById).Bind(1, viewer.Value).Bind(2, id.Value);
        return row.Step() ? Entry(row) : null;
    }

    private TimelineEntry WithRepeated(TimelineEntry entry, ProfileId viewer) =>
        entry.Notice.RepeatOf.IsNone ? entry : entry with { Repeated = FindPlain(entry.Notice.RepeatOf, viewer) };

    private static TimelineEntry Entry(SqliteStatement row) =>
        new(NoticeRow.Read(row), ProfileRow.Read(row, NoticeRow.Count), new TimelinePosition(row.Int64(PositionColumn)));

    private EntryPage Page(SqliteStatement query, ProfileId viewer, PageRequest page) =>
        EntryPage.Create(Read(query, viewer, page), page, session.Horizon);

    private List<TimelineEntry> Read(SqliteStatement query, ProfileId viewer, PageRequest page)
    {
        var (after, before) = Bounds(page);
        using var rows = query.Bind(1, viewer.Value).Bind(2, after).Bind(3, before).Bind(4, page.Count).BindIfUsed(6, session.Now);
        var list = new List<TimelineEntry>();
        while (rows.Step())
            list.Add(Entry(rows));
        rows.Dispose();
        for (var i = 0; i < list.Count; i++)
            list[i] = WithRepeated(list[i], viewer);
        if (page.After is not null)
            list.Reverse();
        return list;
    }

    // Both exclusive.
    private (long After, long Before) Bounds(PageRequest page) => page.After is { } after
        ? (after.Value, session.Horizon)
        : (0, page.Before?.Value ?? long.MaxValue);
}
