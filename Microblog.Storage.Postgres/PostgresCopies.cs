namespace Microblog.Storage.Postgres;

/// <summary>One notice URI, several subscriptions that bring it: what its origin says, and what a proof does to the copies.</summary>
internal sealed class PostgresCopies(PostgresSession session)
{
    public async ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven)
    {
        // Before the notice itself is locked: whoever proves another copy of the URI waits here, with nothing that we shall need.
        if (isProven)
        {
            session.Sql("SELECT pg_advisory_xact_lock($1, hashtext(uri)) FROM microblog.notice WHERE id = $2")
                .Bind((int)PostgresLock.NoticeUri).Bind(id.Value).Later();
        }

        if (await FindAsync(id).ConfigureAwait(false) is not { IsRemote: true } notice)
            return;
        if (replyToUri.Length > 0)
            session.Sql("SELECT microblog.answer($1, $2)").Bind(id.Value).Bind(replyToUri).Later();
        if (isProven && notice.Scope.Value != 0)
            await ProveAsync(notice).ConfigureAwait(false);
    }

    private ValueTask<Notice?> FindAsync(NoticeId id) =>
        session.Sql("SELECT " + PostgresNoticeRow.Columns + " FROM microblog.notice n WHERE n.id = $1 AND NOT n.is_deleted" + session.Lock)
            .Bind(id.Value).FindAsync(PostgresNoticeRow.Read);

    private async ValueTask ProveAsync(Notice notice)
    {
        var proven = await session.Sql(
            """
            SELECT p.id FROM microblog.profile_uri x JOIN microblog.profile p ON p.id = x.profile
            WHERE x.uri = (SELECT uri FROM microblog.profile WHERE id = $1) AND x.scope = 0 AND NOT p.is_local
                AND NOT EXISTS (SELECT 1 FROM microblog.notice_uri WHERE uri = $2 AND NOT is_shared AND scope = 0)
            """).Bind(notice.Author.Value).Bind(notice.Uri.Value).ScalarAsync().ConfigureAwait(false);
        if (proven is not { } author)
            return;
        MoveReaders(notice, author);
        MoveReactions(notice);
        session.Sql(
            """
            DELETE FROM microblog.authorship WHERE notice IN (SELECT notice FROM microblog.notice_uri WHERE uri = $1 AND notice <> $2)
                AND author IN (SELECT author FROM microblog.notice_uri WHERE uri = $1)
            """).Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
        new PostgresIndex(session).ChangeCopiesLater(notice.Uri);
        session.Sql("DELETE FROM microblog.notice WHERE id IN (SELECT notice FROM microblog.notice_uri WHERE uri = $1) AND id <> $2")
            .Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
        session.Sql("UPDATE microblog.notice_uri SET is_shared = true, notice = $2 WHERE uri = $1")
            .Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
        session.Sql("INSERT INTO microblog.notice_uri (uri, is_shared, scope, notice, listener, author) VALUES ($1, false, 0, $2, 0, $3)")
            .Bind(notice.Uri.Value).Bind(notice.Id.Value).Bind(author).Later();
        session.Sql("INSERT INTO microblog.authorship (author, notice) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .Bind(author).Bind(notice.Id.Value).Later();
        session.Sql("UPDATE microblog.notice SET scope = 0, author = $2 WHERE id = $1").Bind(notice.Id.Value).Bind(author).Later();
        session.Sql(
            """
            UPDATE microblog.notice SET replies = replies + 1
            WHERE id = (SELECT reply_to FROM microblog.notice WHERE id = $1 AND reply_to <> 0 AND visibility < 2)
            """).Bind(notice.Id.Value).Later();
        session.Sql("SELECT microblog.adopt($1, $2, 0)").Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
    }

    // What people made of other copies they made of this one, each once: of several marks the one on this, or else the last.
    private void MoveReactions(Notice notice)
    {
        const string Others = "(SELECT notice FROM microblog.notice_uri WHERE uri = $1 AND notice <> $2)";
        Run("UPDATE microblog.notice SET reply_to = $2 WHERE reply_to <> 0 AND reply_to IN " + Others);
        Run("UPDATE microblog.notice SET conversation = (SELECT conversation FROM microblog.notice WHERE id = $2) WHERE conversation <> id AND conversation IN " + Others);
        Run("UPDATE microblog.notice SET repeat_of = $2 WHERE id IN (SELECT notice FROM microblog.repeat WHERE original IN " + Others + ")");
        Run("INSERT INTO microblog.repeat (original, person, notice) SELECT $2, person, notice FROM microblog.repeat WHERE original IN " + Others
            + " ORDER BY notice DESC ON CONFLICT DO NOTHING");
        Run("DELETE FROM microblog.repeat WHERE original IN " + Others);
        ((PostgresReactions)session.Reactions).Delete(
            "f.notice IN " + Others + " AND EXISTS (SELECT FROM microblog.favourite o WHERE o.person = f.person "
            + "AND (o.notice = $2 OR (o.position > f.position AND o.notice IN " + Others + ")))").Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
        Run("UPDATE microblog.favourite SET notice = $2 WHERE notice IN " + Others);
        Run("""
            UPDATE microblog.notice SET replies = (SELECT count(*) FROM microblog.notice r WHERE r.reply_to = $2 AND r.reply_to <> 0 AND r.scope = 0
                    AND r.visibility < 2 AND NOT r.is_deleted),
                repeats = (SELECT count(*) FROM microblog.repeat WHERE original = $2),
                favourites = (SELECT count(*) FROM microblog.favourite WHERE notice = $2)
            WHERE id = $2 AND $1 <> ''
            """);

        void Run(string sql) => session.Sql(sql).Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();
    }

    // Those who had another copy get this one, from the author as they know them if it is the same author.
    private void MoveReaders(Notice notice, long author)
    {
        const string Others =
            """
             FROM microblog.notice_uri u
             JOIN microblog.notice n ON n.id = u.notice AND NOT n.is_deleted
             JOIN microblog.profile p ON p.id = u.author
             JOIN microblog.profile q ON q.id = $3
             WHERE u.uri = $1 AND u.notice <> $2
            """;
        Run("INSERT INTO microblog.authorship (author, notice) SELECT CASE WHEN p.uri = q.uri THEN p.id ELSE q.id END, $2" + Others + " ON CONFLICT DO NOTHING");
        KeepOne("microblog.home", "owner", notice);
        KeepOne("microblog.mention", "person", notice);
        // Where theirs stood: whoever has passed it has read it, and whoever has not will meet it. But nothing stands below its number.
        Run("UPDATE microblog.home AS h SET notice = $2, position = greatest(h.position, $2), "
            + "author = CASE WHEN p.uri = q.uri THEN p.id ELSE q.id END" + Others + " AND h.owner = u.listener AND h.notice = u.notice");
        Run("UPDATE microblog.mention AS m SET notice = $2, position = greatest(m.position, $2)"
            + Others + " AND m.person = u.listener AND m.notice = u.notice");

        void Run(string sql) => session.Sql(sql).Bind(notice.Uri.Value).Bind(notice.Id.Value).Bind(author).Later();
    }

    // Before they are moved, so that a collision is an error and no entry lost: out go copies deleted here, and all but one of somebody
    // who had several. This one stays where it is; of others the last: whoever has passed that has read them all.
    private void KeepOne(string table, string person, Notice notice) => session.Sql(
        $"""
        DELETE FROM {table} WHERE ({person}, notice) IN (SELECT {person}, notice FROM (
            SELECT x.{person}, x.notice, n.is_deleted,
                rank() OVER (PARTITION BY x.{person} ORDER BY x.notice = $2 DESC, n.is_deleted, x.position DESC) AS place
            FROM microblog.notice_uri u JOIN microblog.notice n ON n.id = u.notice
            JOIN {table} x ON x.{person} = u.listener AND x.notice = u.notice
            WHERE u.uri = $1) AS readers
            WHERE place > 1 OR is_deleted)
        """).Bind(notice.Uri.Value).Bind(notice.Id.Value).Later();

}
