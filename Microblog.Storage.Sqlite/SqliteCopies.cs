namespace Microblog.Storage.Sqlite;

/// <summary>One notice URI, several subscriptions that bring it: which copies are the same, and what a proof does to them.</summary>
internal sealed class SqliteCopies(SqliteSession session)
{
    /// <summary>Whether the notice is new, known under its scope, or the same as <paramref name="copy"/>.</summary>
    public ReceiveResult Compare(Notice notice, out long copy)
    {
        copy = 0;
        // Most notices are new, and comparing begins with handing the whole notice to SQLite.
        if (!IsKnown(notice.Uri))
            return ReceiveResult.Stored;
        using var rows = session.Use(
            """
            SELECT u.scope, u.notice, n.is_deleted, n.is_remote, n.scope, n.content = ?2 AND n.url = ?3 AND n.license = ?4
                AND n.see_also_url IS ?5 AND (n.see_also_url IS NULL
                    OR (n.see_also_inline = ?6 AND n.see_also_type = ?7 AND n.see_also_license = ?8)),
                p.uri = (SELECT uri FROM microblog_profile WHERE id = ?9)
            FROM microblog_notice_uri u CROSS JOIN microblog_notice n ON n.id = u.notice CROSS JOIN microblog_profile p ON p.id = n.author
            WHERE u.uri = ?1 AND u.is_shared = 0
            """)
            .Bind(1, notice.Uri.Value).Bind(2, notice.Content).Bind(3, notice.Url).Bind(4, notice.License).Bind(5, notice.SeeAlso?.Url)
            .Bind(6, notice.SeeAlso is { IsInline: true }).Bind(7, notice.SeeAlso?.MediaType).Bind(8, notice.SeeAlso?.License)
            .Bind(9, notice.Author.Value);
        while (rows.Step())
        {
            var (isDeleted, isRemote, scope) = (rows.Bool(2), rows.Bool(3), rows.Int64(4));
            if (rows.Int64(0) == notice.Scope.Value)
                return ReceiveResult.Duplicate;
            if (!isRemote || !rows.Bool(6))
                continue;
            // What was deleted as proven stays deleted; an unproven copy speaks for its own subscription only.
            if (isDeleted && scope == 0)
                return ReceiveResult.Duplicate;
            if (!isDeleted && copy == 0 && rows.Bool(5))
                copy = rows.Int64(1);
        }

        if (HasShared(notice))
            return ReceiveResult.Duplicate;
        return copy == 0 ? ReceiveResult.Stored : ReceiveResult.Shared;
    }

    public void RecordOrigin(NoticeId id, string replyToUri, bool isProven)
    {
        if (Find(id) is not { IsRemote: true } notice)
            return;
        if (replyToUri.Length > 0)
            Answer(notice, replyToUri);
        if (isProven && notice.Scope.Value != 0)
            Prove(notice);
    }

    /// <summary>Takes in answers that came before what they answer.</summary>
    public void Adopt(Notice parent)
    {
        foreach (var answer in Awaiting(parent))
            Answer(answer, parent.Uri.Value);
    }

    private List<Notice> Awaiting(Notice parent)
    {
        using var rows = session.Use(
            "SELECT " + NoticeRow.Columns + " FROM microblog_notice n INDEXED BY microblog_notice_awaiting WHERE n.reply_to_uri = ?1 "
            + "AND n.reply_to = 0 AND n.reply_to_uri <> '' AND n.id <> ?2 AND (?3 = 0 OR n.scope = ?3) ORDER BY n.id")
            .Bind(1, parent.Uri.Value).Bind(2, parent.Id.Value).Bind(3, parent.Scope.Value);
        var list = new List<Notice>();
        while (rows.Step())
            list.Add(NoticeRow.Read(rows));
        return list;
    }

    private bool IsKnown(NoticeUri uri) => session.Use("SELECT 1 FROM microblog_notice_uri WHERE uri = ?1 LIMIT 1")
        .Bind(1, uri.Value).RunScalar() is not null;

    private bool HasShared(Notice notice) => session.Use(
        "SELECT 1 FROM microblog_notice_uri WHERE uri = ?1 AND is_shared = 1 AND scope = ?2")
        .Bind(1, notice.Uri.Value).Bind(2, notice.Scope.Value).RunScalar() is not null;

    private Notice? Find(NoticeId id)
    {
        using var row = session.Use("SELECT " + NoticeRow.Columns + " FROM microblog_notice n WHERE n.id = ?1 AND n.is_deleted = 0")
            .Bind(1, id.Value);
        return row.Step() ? NoticeRow.Read(row) : null;
    }

    private void Answer(Notice notice, string uri)
    {
        var (parent, conversation) = FindParent(notice, uri);
        var notices = (SqliteNotices)session.Notices;
        if (notice.IsCountedReply)
            notices.Count(notice.ReplyTo, "replies", -1);
        session.Use("UPDATE microblog_notice SET reply_to = ?2, reply_to_uri = ?3 WHERE id = ?1")
            .Bind(1, notice.Id.Value).Bind(2, parent).Bind(3, uri).Run();
        var answer = notice with { ReplyTo = new NoticeId(parent) };
        if (answer.IsCountedReply)
            notices.Count(answer.ReplyTo, "replies", 1);
        if (parent == 0 || conversation == notice.Conversation.Value)
            return;
        // Whoever answered this notice meanwhile took it for the first of the conversation, and comes along; but an unproven notice
        // moves nothing that others see (OMB-65).
        if (notice.Conversation == notice.Id)
        {
            session.Use("UPDATE microblog_notice SET conversation = ?2 WHERE conversation = ?1 AND conversation <> id AND (?3 = 0 OR scope = ?3)")
                .Bind(1, notice.Id.Value).Bind(2, conversation).Bind(3, notice.Scope.Value).Run();
        }

        session.Use("UPDATE microblog_notice SET conversation = ?2 WHERE id = ?1").Bind(1, notice.Id.Value).Bind(2, conversation).Run();
    }

    // A local or proven notice, or one that the same subscription brought.
    private (long Notice, long Conversation) FindParent(Notice notice, string uri)
    {
        using var row = session.Use(
            """
            SELECT n.id, n.conversation FROM microblog_notice_uri u CROSS JOIN microblog_notice n ON n.id = u.notice
            WHERE u.uri = ?1 AND u.is_shared = 0 AND u.scope IN (0, ?2) AND n.id <> ?3 ORDER BY u.scope LIMIT 1
            """).Bind(1, uri).Bind(2, notice.Scope.Value).Bind(3, notice.Id.Value);
        return row.Step() ? (row.Int64(0), row.Int64(1)) : default;
    }

    private void Prove(Notice notice)
    {
        var proven = session.Use(
            """
            SELECT id FROM microblog_profile WHERE scope = 0 AND is_local = 0
                AND uri = (SELECT uri FROM microblog_profile WHERE id = ?1)
            """).Bind(1, notice.Author.Value).RunScalar();
        var isTaken = session.Use("SELECT 1 FROM microblog_notice_uri WHERE uri = ?1 AND is_shared = 0 AND scope = 0")
            .Bind(1, notice.Uri.Value).RunScalar() is not null;
        if (proven is not { } author || isTaken)
            return;
        MoveReaders(notice, author);
        MoveReactions(notice);
        session.Use(
            """
            DELETE FROM microblog_authorship WHERE notice IN (SELECT notice FROM microblog_notice_uri WHERE uri = ?1 AND notice <> ?2)
                AND author IN (SELECT author FROM microblog_notice_uri WHERE uri = ?1)
            """).Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Run();
        session.Use("INSERT OR IGNORE INTO microblog_search_change (kind, number) SELECT DISTINCT 0, notice FROM microblog_notice_uri WHERE uri = ?1")
            .Bind(1, notice.Uri.Value).Run();
        session.Use("DELETE FROM microblog_notice WHERE id IN (SELECT notice FROM microblog_notice_uri WHERE uri = ?1) AND id <> ?2")
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Run();
        session.Use("UPDATE microblog_notice_uri SET is_shared = 1, notice = ?2 WHERE uri = ?1")
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Run();
        session.Use(
            "INSERT INTO microblog_notice_uri (uri, is_shared, scope, notice, listener, author) VALUES (?1, 0, 0, ?2, 0, ?3)")
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Bind(3, author).Run();
        session.Use("INSERT OR IGNORE INTO microblog_authorship (author, notice) VALUES (?1, ?2)").Bind(1, author).Bind(2, notice.Id.Value).Run();
        session.Use("UPDATE microblog_notice SET scope = 0, author = ?2 WHERE id = ?1").Bind(1, notice.Id.Value).Bind(2, author).Run();
        var proof = Find(notice.Id)!;
        if (proof.IsCountedReply)
            ((SqliteNotices)session.Notices).Count(proof.ReplyTo, "replies", 1);
        Adopt(proof);
    }

    // What people made of other copies they made of this one, each once: of several marks the one on this, or else the last.
    private void MoveReactions(Notice notice)
    {
        const string Others = "(SELECT notice FROM microblog_notice_uri WHERE uri = ?1 AND notice <> ?2)";
        Run("UPDATE microblog_notice SET reply_to = ?2 WHERE reply_to <> 0 AND reply_to IN " + Others);
        Run("UPDATE microblog_notice SET conversation = (SELECT conversation FROM microblog_notice WHERE id = ?2) WHERE conversation <> id AND conversation IN " + Others);
        Run("UPDATE microblog_notice SET repeat_of = ?2 WHERE id IN (SELECT notice FROM microblog_repeat WHERE original IN " + Others + ")");
        Run("INSERT OR IGNORE INTO microblog_repeat (original, person, notice) SELECT ?2, person, notice FROM microblog_repeat WHERE original IN " + Others + " ORDER BY notice DESC");
        Run("DELETE FROM microblog_repeat WHERE original IN " + Others);
        ((SqliteReactions)session.Reactions).Delete(session.Use(
            """
            DELETE FROM microblog_favourite AS f WHERE notice IN (SELECT notice FROM microblog_notice_uri WHERE uri = ?1 AND notice <> ?2) AND EXISTS (
                SELECT 1 FROM microblog_favourite o WHERE o.person = f.person AND (o.notice = ?2 OR (o.position > f.position
                    AND o.notice IN (SELECT notice FROM microblog_notice_uri WHERE uri = ?1 AND notice <> ?2))))
            RETURNING person
            """).Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value));
        Run("UPDATE microblog_favourite SET notice = ?2 WHERE notice IN " + Others);
        Run("""
            UPDATE microblog_notice SET replies = (SELECT count(*) FROM microblog_notice r WHERE r.reply_to = ?2 AND r.reply_to <> 0 AND r.scope = 0
                    AND r.visibility < 2 AND r.is_deleted = 0),
                repeats = (SELECT count(*) FROM microblog_repeat WHERE original = ?2),
                favourites = (SELECT count(*) FROM microblog_favourite WHERE notice = ?2)
            WHERE id = ?2 AND ?1 <> ''
            """);

        void Run(string sql) => session.Use(sql).Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Run();
    }

    // Those who had another copy get this one, from the author as they know them if it is the same author.
    private void MoveReaders(Notice notice, long author)
    {
        const string Others =
            """
             FROM microblog_notice_uri u
             CROSS JOIN microblog_notice n ON n.id = u.notice AND n.is_deleted = 0
             CROSS JOIN microblog_profile p ON p.id = u.author
             CROSS JOIN microblog_profile q ON q.id = ?3
             WHERE u.uri = ?1 AND u.notice <> ?2
            """;
        session.Use(
            "INSERT OR IGNORE INTO microblog_authorship (author, notice) SELECT CASE WHEN p.uri = q.uri THEN p.id ELSE q.id END, ?2" + Others)
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Bind(3, author).Run();
        KeepOne("microblog_home", "owner", notice);
        KeepOne("microblog_mention", "person", notice);
        // Where theirs stood: whoever has passed it has read it, and whoever has not will meet it. But nothing stands below its number.
        session.Use(
            "UPDATE microblog_home AS h SET notice = ?2, position = max(h.position, ?2), "
            + "author = CASE WHEN p.uri = q.uri THEN p.id ELSE q.id END" + Others + " AND h.owner = u.listener AND h.notice = u.notice")
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Bind(3, author).Run();
        session.Use(
            "UPDATE microblog_mention AS m SET notice = ?2, position = max(m.position, ?2)"
            + Others + " AND m.person = u.listener AND m.notice = u.notice")
            .Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Bind(3, author).Run();
    }

    // Before they are moved, so that a collision is an error and no entry lost: out go copies deleted here, and all but one of somebody
    // who had several. This one stays where it is; of others the last: whoever has passed that has read them all.
    private void KeepOne(string table, string person, Notice notice) => session.Use(string.Intern(
        $"""
        DELETE FROM {table} WHERE ({person}, notice) IN (SELECT {person}, notice FROM (
            SELECT x.{person}, x.notice, n.is_deleted,
                rank() OVER (PARTITION BY x.{person} ORDER BY x.notice = ?2 DESC, n.is_deleted, x.position DESC) AS place
            FROM microblog_notice_uri u CROSS JOIN microblog_notice n ON n.id = u.notice
            CROSS JOIN {table} x ON x.{person} = u.listener AND x.notice = u.notice
            WHERE u.uri = ?1)
            WHERE place > 1 OR is_deleted)
        """)).Bind(1, notice.Uri.Value).Bind(2, notice.Id.Value).Run();
}
