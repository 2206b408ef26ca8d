namespace Microblog.Storage.Sqlite;

internal sealed class SqliteNotices(SqliteSession session) : INoticeStore
{
    /// <summary>In place of a notice: subscriptions with blocked hosts, by the number of the profile.</summary>
    public const long Blocking = -2;

    private const int AtOnce = 200;

    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken) =>
        new(((SqliteTimelines)session.Timelines).Find(id, viewer));

    public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyCollection<NoticeId> ids, ProfileId viewer, CancellationToken cancellationToken) =>
        new(ids.Distinct().Order().Select(id => ((SqliteTimelines)session.Timelines).Find(id, viewer)).OfType<TimelineEntry>().ToList());

    public ValueTask<bool> IsDeletedAsync(NoticeId id, CancellationToken cancellationToken) => new(session.Use(
        "SELECT 1 FROM microblog_notice WHERE id = ?1 AND is_deleted = 1 AND scope = 0 AND visibility < 2 AND is_local_only = 0")
        .Bind(1, id.Value).RunScalar() is not null);

    public ValueTask<bool> HasSaidAsync(ProfileId author, string content, TimelinePosition since, CancellationToken cancellationToken) => new(session.Use(
        """
        SELECT 1 FROM (SELECT notice FROM microblog_authorship WHERE author = ?1 AND notice > ?2 ORDER BY notice DESC LIMIT 3) x
        CROSS JOIN microblog_notice n ON n.id = x.notice WHERE n.content = ?3 AND n.visibility < 3 AND n.is_deleted = 0
        """).Bind(1, author.Value).Bind(2, since.Value).Bind(3, content).RunScalar() is not null);

    public ValueTask<IReadOnlyList<NoticeChange>> ListChangesAsync(ChangePlace after, int count, CancellationToken cancellationToken) =>
        new(((SqliteTimelines)session.Timelines).Changes(after, count));

    public ValueTask<IReadOnlyList<Notice>> FindAsync(NoticeUri uri, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT " + NoticeRow.Columns + " FROM microblog_notice_uri u CROSS JOIN microblog_notice n ON n.id = u.notice "
            + "WHERE u.uri = ?1 AND u.is_shared = 0 AND n.is_deleted = 0 ORDER BY n.id").Bind(1, uri.Value);
        var list = new List<Notice>();
        while (rows.Step())
            list.Add(NoticeRow.Read(rows));
        return new(list);
    }

    public ValueTask<IReadOnlyList<Notice>> ListLocalAsync(IReadOnlyCollection<NoticeId> ids, CancellationToken cancellationToken)
    {
        var list = new List<Notice>();
        foreach (var id in ids.Order())
        {
            using var rows = session.Use(
                "SELECT " + NoticeRow.Columns + " FROM microblog_notice n WHERE n.id = ?1 AND n.is_remote = 0 AND n.is_deleted = 0").Bind(1, id.Value);
            if (rows.Step())
                list.Add(NoticeRow.Read(rows));
        }

        return new(list);
    }

    public ValueTask<bool> PublishAsync(Notice notice, CancellationToken cancellationToken)
    {
        notice = notice with { IsRemote = false, Scope = default };
        if (IsRepeated(notice))
            return new(false);
        Insert(notice, notice.Author);
        if (!notice.RepeatOf.IsNone)
            AddRepeat(notice);
        AddMentions(notice, notice.Id);
        AddAudience(notice);
        foreach (var person in notice.Audience)
            AddHome(person, At(notice), notice.Id, notice.Author);

        if (notice.Visibility == Visibility.Direct)
            return new(true);
        foreach (var person in notice.Mentions)
            AddHome(person, At(notice), notice.Id, notice.Author);
        var through = session.Use(
            """
            SELECT max(id) FROM microblog_subscription INDEXED BY microblog_subscription_local
            WHERE publisher = ?1 AND state = 1 AND is_subscriber_local = 1
            """).Bind(1, notice.Author.Value).RunScalar();
        if (through is { } last)
            FanOut(new Job(null, notice.Id.Value, notice.Author.Value, Group: 0, After: 0, last), At(notice), AtOnce);
        AddToGroups(notice);
        return new(true);
    }

    public ValueTask<IReadOnlyList<NoticeRevision>> ListRevisionsAsync(NoticeId id, CancellationToken cancellationToken)
    {
        using var rows = session.Use("SELECT until, content, detail FROM microblog_revision WHERE notice = ?1 ORDER BY number").Bind(1, id.Value);
        var list = new List<NoticeRevision>();
        while (rows.Step())
            list.Add(NoticeDetail.ReadRevision(rows.Time(0), rows.Text(1), rows.Text(2)));
        return new(list);
    }

    public ValueTask<bool> EditAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (FindLocal(notice.Id) is not { } before || !NoticeDetail.Differ(before, notice))
            return new(false);
        notice = notice with { Groups = before.Groups };
        session.Use(
            """
            INSERT INTO microblog_revision (notice, number, until, content, detail)
            SELECT ?1, 1 + (SELECT count(*) FROM microblog_revision WHERE notice = ?1), ?2, content, detail FROM microblog_notice WHERE id = ?1
            """).Bind(1, notice.Id.Value).Bind(2, notice.EditedAt ?? session.Now).Run();
        session.Use("UPDATE microblog_notice SET content = ?2, detail = ?3, mentions = ?4, tags = ?5, changed = ?6 WHERE id = ?1")
            .Bind(6, position.Value).Bind(1, notice.Id.Value).Bind(2, notice.Content).Bind(3, NoticeDetail.Write(notice))
            .Bind(4, NoticeRow.Join(notice.Mentions)).Bind(5, NoticeRow.Join(notice.Tags)).Run();
        new SqliteIndex(session).ChangeNotice(notice.Id.Value);
        foreach (var tag in before.Tags.Except(notice.Tags, StringComparer.Ordinal))
            session.Use("DELETE FROM microblog_tag WHERE tag = ?1 AND notice = ?2").Bind(1, tag).Bind(2, notice.Id.Value).Run();
        foreach (var tag in notice.Tags)
            AddTag(tag, notice.Id);
        foreach (var person in before.Mentions.Except(notice.Mentions))
            session.Use("DELETE FROM microblog_mention WHERE person = ?1 AND notice = ?2").Bind(1, person.Value).Bind(2, notice.Id.Value).Run();
        foreach (var person in notice.Mentions.Except(before.Mentions))
        {
            AddMention(person, position, notice.Id);
            if (before.Visibility != Visibility.Direct)
                AddHome(person, position, notice.Id, before.Author);
        }

        return new(true);
    }

    public ValueTask<IReadOnlyList<ReceiveResult>> ReceiveAsync(IReadOnlyList<ReceivedNotice> notices, CancellationToken cancellationToken)
    {
        var results = new ReceiveResult[notices.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = Receive(notices[i].Notice with { IsRemote = true, Attachments = [] }, notices[i].Listener);
        return new(results);
    }

    public ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken)
    {
        var rest = count;
        while (rest > 0 && FirstJob() is { } job)
        {
            session.Use("DELETE FROM microblog_job WHERE id = ?1").Bind(1, job.Id).Run();
            if (job.Notice == SqliteLeaving.Job)
            {
                // Behind the others: nobody's notice waits for what somebody leaves behind, however much it is.
                if (new SqliteLeaving(session).Continue(new ProfileId(job.Author), rest, position))
                    Leave(job with { Id = null });
                break;
            }

            if (job.Notice == Blocking)
            {
                if (((SqliteModeration)session.Moderation).EndBlocked(job.After, rest) is { } reached)
                    Leave(job with { Id = null, After = reached });
                break;
            }

            if (job.Notice != 0)
            {
                if (job.Group != 0)
                    FanOutToGroup(job, position, rest);
                else
                    FanOut(job, position, rest);
                break;
            }

            rest -= Math.Max(1, session.Lanes.Wake(new ProfileId(job.Author), rest));
        }

        return new(FirstJob() is not null);
    }

    public ValueTask<bool> DeleteAsync(NoticeId id, TimelinePosition position, CancellationToken cancellationToken) => new(Delete(id, position));

    public bool Delete(NoticeId id, TimelinePosition position)
    {
        // Home entries stay and find nothing: they lie by owner, and looking for all of them would cost more than skipping them.
        if (Find(id) is not { } notice)
            return false;
        Uncount(notice);
        foreach (var group in notice.Groups)
            Groups.Remove(group.Id, id);
        session.Use(
            """
            UPDATE microblog_notice SET is_deleted = 1, content = '', url = '', see_also_url = NULL, extensions = '', detail = '', attachments = '',
                replies = 0, repeats = 0, favourites = 0, changed = ?2
            WHERE id = ?1
            """).Bind(1, id.Value).Bind(2, position.Value).Run();
        // Nobody sees these any more.
        session.Use("UPDATE microblog_notice SET changed = ?2 WHERE id IN (SELECT notice FROM microblog_repeat WHERE original = ?1)")
            .Bind(1, id.Value).Bind(2, position.Value).Run();
        new SqliteIndex(session).ChangeNotice(id.Value);
        Reactions.Delete(session.Use("DELETE FROM microblog_favourite WHERE notice = ?1 RETURNING person").Bind(1, id.Value));
        foreach (var table in new[] { "microblog_revision", "microblog_notification", "microblog_attachment" })
            session.Use(string.Intern($"DELETE FROM {table} WHERE notice = ?1 AND notice <> 0")).Bind(1, id.Value).Run();
        session.Use("DELETE FROM microblog_event WHERE notice = ?1 AND notice <> 0").Bind(1, id.Value).Run();
        session.Use("DELETE FROM microblog_failure WHERE notice = ?1 AND notice <> 0").Bind(1, id.Value).Run();
        session.Use("DELETE FROM microblog_job WHERE notice = ?1 AND notice <> 0").Bind(1, id.Value).Run();
        return true;
    }

    public ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken)
    {
        new SqliteCopies(session).RecordOrigin(id, replyToUri, isProven);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds a local notice that nobody but its author and audience comes to see.</summary>
    public void InsertAlone(Notice notice)
    {
        Insert(notice, notice.Author);
        AddAudience(notice);
        foreach (var attachment in notice.Attachments)
            ((SqliteAttachments)session.Attachments).Insert(attachment, notice.Author, notice.Id);
        // It stands where the index has passed.
        new SqliteIndex(session).ChangeNotice(notice.Id.Value);
    }

    private ReceiveResult Receive(Notice notice, ProfileId listener)
    {
        var result = new SqliteCopies(session).Compare(notice, out var copy);
        if (result == ReceiveResult.Shared)
            Share(notice, listener, copy);
        else if (result == ReceiveResult.Stored)
        {
            Insert(notice, listener);
            AddMentions(notice, notice.Id);
            new SqliteCopies(session).Adopt(notice);
        }

        return result;
    }

    /// <summary>Adds to one of the numbers that are kept of a notice.</summary>
    public void Count(NoticeId notice, string column, int more) =>
        session.Use(string.Intern($"UPDATE microblog_notice SET {column} = {column} + ?2 WHERE id = ?1")).Bind(1, notice.Value).Bind(2, more).Run();

    /// <summary>Takes back what a notice counted for.</summary>
    public void Uncount(Notice notice)
    {
        if (notice.IsCountedReply)
            Count(notice.ReplyTo, "replies", -1);
        if (notice.IsCounted)
            Profiles.Count(notice.Author, "notices", -1);
        if (notice.RepeatOf.IsNone)
            return;
        Count(notice.RepeatOf, "repeats", -1);
        session.Use("DELETE FROM microblog_repeat WHERE original = ?1 AND person = ?2").Bind(1, notice.RepeatOf.Value).Bind(2, notice.Author.Value).Run();
    }

    private void AddAudience(Notice notice)
    {
        foreach (var person in notice.Audience)
        {
            session.Use("INSERT OR IGNORE INTO microblog_audience (notice, person) VALUES (?1, ?2)")
                .Bind(1, notice.Id.Value).Bind(2, person.Value).Run();
        }
    }

    private void Insert(Notice notice, ProfileId owner)
    {
        NoticeRow.Bind(
            session.Use(
                """
                INSERT INTO microblog_notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                    reply_to_uri, conversation, see_also_url, see_also_inline, see_also_type, see_also_license, mentions, tags, audience,
                    extensions, repeat_of, detail, attachments)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)
                """),
            notice).Run();
        AddUri(notice, owner, notice.Id.Value, isShared: false);
        AddAuthorship(notice.Author, notice.Id.Value);
        AddHome(owner, At(notice), notice.Id, notice.Author);
        foreach (var tag in notice.Tags)
            AddTag(tag, notice.Id);
        if (notice.IsCountedReply)
            Count(notice.ReplyTo, "replies", 1);
        if (notice.IsCounted)
            Profiles.Count(notice.Author, "notices", 1);
    }

    private void AddTag(string tag, NoticeId notice) =>
        session.Use("INSERT OR IGNORE INTO microblog_tag (tag, notice) VALUES (?1, ?2)").Bind(1, tag).Bind(2, notice.Value).Run();

    private bool IsRepeated(Notice notice) => !notice.RepeatOf.IsNone
        && session.Use("SELECT 1 FROM microblog_repeat WHERE original = ?1 AND person = ?2")
            .Bind(1, notice.RepeatOf.Value).Bind(2, notice.Author.Value).RunScalar() is not null;

    private void AddRepeat(Notice notice)
    {
        session.Use("INSERT INTO microblog_repeat (original, person, notice) VALUES (?1, ?2, ?3)")
            .Bind(1, notice.RepeatOf.Value).Bind(2, notice.Author.Value).Bind(3, notice.Id.Value).Run();
        Count(notice.RepeatOf, "repeats", 1);
    }

    private Notice? Find(NoticeId id)
    {
        using var row = session.Use("SELECT " + NoticeRow.Columns + " FROM microblog_notice n WHERE n.id = ?1 AND n.is_deleted = 0").Bind(1, id.Value);
        return row.Step() ? NoticeRow.Read(row) : null;
    }

    private Notice? FindLocal(NoticeId id) => Find(id) is { IsRemote: false } notice ? notice : null;

    private void Share(Notice notice, ProfileId listener, long copy)
    {
        AddUri(notice, listener, copy, isShared: true);
        AddAuthorship(notice.Author, copy);
        AddHome(listener, At(notice), new NoticeId(copy), notice.Author);
        // Whoever brought the copy named only their own listener.
        AddMentions(notice, new NoticeId(copy));
    }

    private void AddMentions(Notice notice, NoticeId copy)
    {
        foreach (var person in notice.Mentions)
            AddMention(person, At(notice), copy);
    }

    private void AddMention(ProfileId person, TimelinePosition position, NoticeId notice) =>
        session.Use("INSERT INTO microblog_mention (person, position, notice) VALUES (?1, max(?2, ?3), ?3) ON CONFLICT (person, notice) DO NOTHING")
            .Bind(1, person.Value).Bind(2, position.Value).Bind(3, notice.Value).Run();

    private void AddUri(Notice notice, ProfileId listener, long copy, bool isShared) => session.Use(
        "INSERT INTO microblog_notice_uri (uri, is_shared, scope, notice, listener, author) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .Bind(1, notice.Uri.Value).Bind(2, isShared).Bind(3, notice.Scope.Value)
        .Bind(4, copy).Bind(5, listener.Value).Bind(6, notice.Author.Value).Run();

    private void AddAuthorship(ProfileId author, long notice) =>
        session.Use("INSERT OR IGNORE INTO microblog_authorship (author, notice) VALUES (?1, ?2)").Bind(1, author.Value).Bind(2, notice).Run();

    // The notice may have been numbered after what brings it now, and no entry stands below its notice's number. Only the notice may
    // be there already: two entries at one position would be a mistake of ours, and one of them lost.
    private void AddHome(ProfileId owner, TimelinePosition position, NoticeId notice, ProfileId author) =>
        session.Use(
            "INSERT INTO microblog_home (owner, position, notice, author) VALUES (?1, max(?2, ?3), ?3, ?4) ON CONFLICT (owner, notice) DO NOTHING")
            .Bind(1, owner.Value).Bind(2, position.Value).Bind(3, notice.Value).Bind(4, author.Value).Run();

    private SqliteGroups Groups => (SqliteGroups)session.Groups;

    private SqliteProfiles Profiles => (SqliteProfiles)session.Profiles;

    private SqliteReactions Reactions => (SqliteReactions)session.Reactions;

    private void AddToGroups(Notice notice)
    {
        var groups = notice.Groups.Select(named => named.Id).Distinct().ToList();
        foreach (var group in groups.Where(group => Groups.Add(group, notice)))
        {
            var last = session.Use("SELECT max(position) FROM microblog_group_member WHERE group_id = ?1 AND standing >= 2").Bind(1, group.Value).RunScalar();
            FanOutToGroup(new Job(null, notice.Id.Value, notice.Author.Value, group.Value, After: 0, last!.Value), At(notice), Math.Max(1, AtOnce / groups.Count));
        }
    }

    // Members are numbered by when they came.
    private void FanOutToGroup(Job job, TimelinePosition position, int count)
    {
        var until = session.Use(
            """
            SELECT position FROM microblog_group_member INDEXED BY microblog_group_member_reader
            WHERE group_id = ?1 AND standing >= 2 AND position > ?2 AND position <= ?3 ORDER BY position LIMIT 1 OFFSET ?4
            """).Bind(1, job.Group).Bind(2, job.After).Bind(3, job.Through).Bind(4, count - 1).RunScalar() ?? job.Through;
        session.Use(
            """
            INSERT INTO microblog_home (owner, position, notice, author)
            SELECT person, max(?4, ?5), ?5, ?6 FROM microblog_group_member INDEXED BY microblog_group_member_reader
            WHERE group_id = ?1 AND standing >= 2 AND position > ?2 AND position <= ?3
            ON CONFLICT (owner, notice) DO NOTHING
            """)
            .Bind(1, job.Group).Bind(2, job.After).Bind(3, until).Bind(4, position.Value).Bind(5, job.Notice).Bind(6, job.Author).Run();
        Leave(job, until);
    }

    // Followers are numbered by their subscriptions; those beyond the last of this turn wait as a job.
    private void FanOut(Job job, TimelinePosition position, int count)
    {
        var until = session.Use(
            """
            SELECT id FROM microblog_subscription INDEXED BY microblog_subscription_local
            WHERE publisher = ?1 AND state = 1 AND is_subscriber_local = 1 AND id > ?2 AND id <= ?3 ORDER BY id LIMIT 1 OFFSET ?4
            """).Bind(1, job.Author).Bind(2, job.After).Bind(3, job.Through).Bind(4, count - 1).RunScalar() ?? job.Through;
        session.Use(
            """
            INSERT INTO microblog_home (owner, position, notice, author)
            SELECT subscriber, max(?4, ?5), ?5, ?1 FROM microblog_subscription INDEXED BY microblog_subscription_local
            WHERE publisher = ?1 AND state = 1 AND is_subscriber_local = 1 AND id > ?2 AND id <= ?3
            ON CONFLICT (owner, notice) DO NOTHING
            """)
            .Bind(1, job.Author).Bind(2, job.After).Bind(3, until).Bind(4, position.Value).Bind(5, job.Notice).Run();
        Leave(job, until);
    }

    private void Leave(Job job, long until)
    {
        if (until < job.Through)
            Leave(job with { After = until });
    }

    private void Leave(Job job) => session.Use("INSERT INTO microblog_job (id, notice, author, group_id, after, through) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .Bind(1, job.Id).Bind(2, job.Notice).Bind(3, job.Author).Bind(4, job.Group).Bind(5, job.After).Bind(6, job.Through).Run();

    private static TimelinePosition At(Notice notice) => TimelinePosition.FromNoticeId(notice.Id);

    private Job? FirstJob()
    {
        using var row = session.Use("SELECT id, notice, author, group_id, after, through FROM microblog_job ORDER BY id LIMIT 1");
        return row.Step() ? new Job(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5)) : null;
    }

    private sealed record Job(long? Id, long Notice, long Author, long Group, long After, long Through);
}
