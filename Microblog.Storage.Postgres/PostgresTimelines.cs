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
        """
         AND NOT n.is_deleted
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
        """;

    private const string Down = " DESC LIMIT $4";
    private const string Up = " LIMIT $4";

    private const string ById = "SELECT " + Columns + ", n.id FROM microblog.notice n" + Joins + " n.id = $2" + Visible;

    private const string Home = "SELECT " + Columns + ", h.position FROM microblog.home h"
        + " CROSS JOIN LATERAL (SELECT * FROM microblog.notice WHERE id = h.notice OFFSET 0) n"
        + " CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = h.author OFFSET 0) p"
        + " WHERE h.owner = $1 AND h.position > $2 AND h.position < $3" + Visible + " ORDER BY h.position";

    private const string Public = "SELECT " + Columns + ", n.id FROM microblog.notice n" + Joins
        + " NOT n.is_remote AND n.visibility = 0 AND n.id > $2 AND n.id < $3" + Visible + " ORDER BY n.id";

    private const string Profile = "SELECT " + Columns + ", n.id FROM microblog.authorship x" + Listed + Joins
        + " x.author = $5 AND x.notice > $2 AND x.notice < $3 AND (p.id = $5 OR (n.author = $5 AND n.scope = 0))" + Visible
        + " ORDER BY x.notice";

    private const string Mentions = "SELECT " + Columns + ", x.position FROM microblog.mention x" + Listed + Joins
        + " x.person = $1 AND x.position > $2 AND x.position < $3" + Visible + " ORDER BY x.position";

    private const string Replies = "SELECT " + Columns + ", n.id FROM microblog.notice n" + Joins
        + " n.conversation = $5 AND n.conversation <> n.id AND n.id > $2 AND n.id < $3" + Visible + " ORDER BY n.id";

    private const string Tag = "SELECT " + Columns + ", n.id FROM microblog.tag x" + Listed + Joins
        + " x.tag = $5 AND x.notice > $2 AND x.notice < $3 AND n.visibility = 0" + Visible + " ORDER BY x.notice";

    public ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Home, owner, page), page);

    public ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Public, viewer, page), page);

    public ValueTask<EntryPage> ProfileAsync(
        ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Profile, viewer, page).Bind(author.Value), page);

    public ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Mentions, person, page), page);

    public async ValueTask<EntryPage> ConversationAsync(
        NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken)
    {
        var list = await ReadAsync(Query(Replies, viewer, page).Bind(conversation.Value), page).ConfigureAwait(false);
        var (after, before) = Bounds(page);
        if (conversation.Value > after && conversation.Value < before
            && await FindAsync(conversation, viewer).ConfigureAwait(false) is { } first && first.Notice.Conversation == conversation)
        {
            list.Insert(list.TakeWhile(entry => entry.Notice.Id > conversation).Count(), first);
            // One too many: the one farthest from where the page begins.
            if (list.Count > page.Count)
                list.RemoveAt(page.After is null ? list.Count - 1 : 0);
        }

        return EntryPage.Create(list, page, session.Horizon);
    }

    public ValueTask<EntryPage> TagAsync(
        string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageAsync(Query(Tag, viewer, page).Bind(tag), page);

    /// <summary>One notice, if the viewer may see it.</summary>
    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer) =>
        session.Sql(session.Lock.Length > 0 ? ById + session.Lock + " OF n" : ById).Bind(viewer.Value).Bind(id.Value).FindAsync(Entry);

    private static TimelineEntry Entry(PostgresRow row) =>
        new(PostgresNoticeRow.Read(row), PostgresProfileRow.Read(row, PostgresNoticeRow.Count), new TimelinePosition(row.Int64(PositionColumn)));

    private PostgresCommand Query(string list, ProfileId viewer, PageRequest page)
    {
        var (after, before) = Bounds(page);
        return session.Sql(list + (page.After is null ? Down : Up)).Bind(viewer.Value).Bind(after).Bind(before).Bind(page.Count);
    }

    private async ValueTask<EntryPage> PageAsync(PostgresCommand query, PageRequest page) =>
        EntryPage.Create(await ReadAsync(query, page).ConfigureAwait(false), page, session.Horizon);

    private static async ValueTask<List<TimelineEntry>> ReadAsync(PostgresCommand query, PageRequest page)
    {
        var list = await query.ListAsync(Entry).ConfigureAwait(false);
        if (page.After is not null)
            list.Reverse();
        return list;
    }

    // Both exclusive.
    private (long After, long Before) Bounds(PageRequest page) => page.After is { } after
        ? (after.Value, session.Horizon)
        : (0, page.Before?.Value ?? long.MaxValue);
}
