namespace Microblog.Storage.Sqlite;

/// <summary>Deletes what a person who has left leaves behind, a few rows at a time. What is deleted is not found again, so that nothing
/// has to be remembered between two steps.</summary>
internal sealed class SqliteLeaving(SqliteSession session)
{
    /// <summary>In place of a notice in a job: all that its author leaves behind.</summary>
    public const long Job = -1;

    // Each follower's home timeline is looked through.
    private const int FollowersAtOnce = 5;

    private static readonly string[] Rows =
    [
        "DELETE FROM microblog_home WHERE owner = ?1 AND position IN (SELECT position FROM microblog_home WHERE owner = ?1 LIMIT ?2)",
        "DELETE FROM microblog_mention WHERE person = ?1 AND position IN (SELECT position FROM microblog_mention WHERE person = ?1 LIMIT ?2)",
        "DELETE FROM microblog_notification WHERE owner = ?1 AND position IN (SELECT position FROM microblog_notification WHERE owner = ?1 LIMIT ?2)",
        "DELETE FROM microblog_audience WHERE person = ?1 AND notice IN (SELECT notice FROM microblog_audience WHERE person = ?1 LIMIT ?2)",
        "DELETE FROM microblog_kept_favourite WHERE person = ?1 AND uri IN (SELECT uri FROM microblog_kept_favourite WHERE person = ?1 LIMIT ?2)",
        "DELETE FROM microblog_mute WHERE muter = ?1 AND muted IN (SELECT muted FROM microblog_mute WHERE muter = ?1 LIMIT ?2)",
        "DELETE FROM microblog_block WHERE blocker = ?1 AND blocked IN (SELECT blocked FROM microblog_block WHERE blocker = ?1 LIMIT ?2)",
        "DELETE FROM microblog_mark WHERE person = ?1 AND list IN (SELECT list FROM microblog_mark WHERE person = ?1 LIMIT ?2)",
        "DELETE FROM microblog_event WHERE number IN (SELECT number FROM microblog_event WHERE author = ?1 AND lane = 0 LIMIT ?2)",
        "DELETE FROM microblog_failure WHERE id IN (SELECT id FROM microblog_failure WHERE event_author = ?1 LIMIT ?2)",
        // Nobody elsewhere has to be told of these; the others stay, ended, so that their pushes are answered rightly (OMB-57).
        """
        DELETE FROM microblog_subscription WHERE id IN (SELECT id FROM microblog_subscription
            WHERE subscriber = ?1 AND protocol IN ('local', '(archive)') LIMIT ?2)
        """,
        // Their notices and favourites are gone, and their subscriptions have ended: nothing is counted any more.
        "DELETE FROM microblog_profile_count WHERE profile IN (SELECT profile FROM microblog_profile_count WHERE profile = ?1 LIMIT ?2)",
    ];

    /// <summary>Deletes at most about so many rows.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Continue(ProfileId person, int count, TimelinePosition position)
    {
        var rest = count - DeleteNotices(person, count, position);
        if (rest > 0)
            rest -= TakeFavouritesBack(person, rest);
        if (rest > 0)
            rest -= ((SqliteHub)session.Hub).EndOf(person, rest);
        foreach (var sql in Rows)
        {
            if (rest > 0)
                rest -= session.Use(sql).Bind(1, person.Value).Bind(2, rest).Run();
        }

        return rest <= 0 || ForgetFollowers(person) == FollowersAtOnce;
    }

    private int DeleteNotices(ProfileId person, int count, TimelinePosition position)
    {
        var notices = new List<Notice>();
        using (var rows = session.Use(
            "SELECT " + NoticeRow.Columns + " FROM microblog_authorship x CROSS JOIN microblog_notice n ON n.id = x.notice WHERE x.author = ?1 LIMIT ?2")
            .Bind(1, person.Value).Bind(2, count))
        {
            while (rows.Step())
                notices.Add(NoticeRow.Read(rows));
        }

        foreach (var notice in notices)
            Delete(notice, position);
        return notices.Count;
    }

    private void Delete(Notice notice, TimelinePosition position)
    {
        ((SqliteNotices)session.Notices).Delete(notice.Id, position);
        session.Use("UPDATE microblog_notice SET mentions = '', tags = '', audience = '', license = '', reply_to_uri = '' WHERE id = ?1").Bind(1, notice.Id.Value).Run();
        session.Use("DELETE FROM microblog_authorship WHERE author = ?1 AND notice = ?2").Bind(1, notice.Author.Value).Bind(2, notice.Id.Value).Run();
        session.Use("DELETE FROM microblog_audience WHERE notice = ?1").Bind(1, notice.Id.Value).Run();
        foreach (var tag in notice.Tags)
            session.Use("DELETE FROM microblog_tag WHERE tag = ?1 AND notice = ?2").Bind(1, tag).Bind(2, notice.Id.Value).Run();
        foreach (var reader in notice.Mentions.Union(notice.Audience))
        {
            session.Use("DELETE FROM microblog_mention WHERE person = ?1 AND notice = ?2").Bind(1, reader.Value).Bind(2, notice.Id.Value).Run();
            session.Use("DELETE FROM microblog_home WHERE owner = ?1 AND notice = ?2").Bind(1, reader.Value).Bind(2, notice.Id.Value).Run();
        }
    }

    private int TakeFavouritesBack(ProfileId person, int count)
    {
        var notices = new List<NoticeId>();
        using (var rows = session.Use("SELECT notice FROM microblog_favourite WHERE person = ?1 LIMIT ?2").Bind(1, person.Value).Bind(2, count))
        {
            while (rows.Step())
                notices.Add(new NoticeId(rows.Int64(0)));
        }

        foreach (var notice in notices)
            ((SqliteReactions)session.Reactions).Unfavourite(person, notice);
        return notices.Count;
    }

    // Only people of this node have the person's notices in a home timeline: followers of now or then, who is named in the notice, and who was in
    // a group to which it went. With the last the entry stays and finds nothing, as that of any deleted notice: nobody knows who they were.
    private int ForgetFollowers(ProfileId person)
    {
        var followers = new List<(long Subscription, long Person)>();
        using (var rows = session.Use(
            "SELECT id, subscriber FROM microblog_subscription WHERE publisher = ?1 AND protocol IN ('local', '(archive)') LIMIT ?2")
            .Bind(1, person.Value).Bind(2, FollowersAtOnce))
        {
            while (rows.Step())
                followers.Add((rows.Int64(0), rows.Int64(1)));
        }

        foreach (var (subscription, follower) in followers)
        {
            session.Use("DELETE FROM microblog_home WHERE owner = ?1 AND author = ?2").Bind(1, follower).Bind(2, person.Value).Run();
            session.Use("DELETE FROM microblog_subscription WHERE id = ?1").Bind(1, subscription).Run();
        }

        return followers.Count;
    }
}
