namespace Microblog.Storage.Postgres;

/// <summary>Deletes what a person who has left leaves behind, a few rows at a time. What is deleted is not found again, so that nothing
/// has to be remembered between two steps.</summary>
internal sealed class PostgresLeaving(PostgresSession session)
{
    /// <summary>In place of a notice in a job: all that its author leaves behind.</summary>
    public const long Job = -1;

    // Each follower's home timeline is looked through.
    private const int FollowersAtOnce = 5;

    private static readonly string[] Rows =
    [
        "DELETE FROM microblog.home WHERE owner = $1 AND position IN (SELECT position FROM microblog.home WHERE owner = $1 LIMIT $2)",
        "DELETE FROM microblog.mention WHERE person = $1 AND position IN (SELECT position FROM microblog.mention WHERE person = $1 LIMIT $2)",
        "DELETE FROM microblog.notification WHERE owner = $1 AND position IN (SELECT position FROM microblog.notification WHERE owner = $1 LIMIT $2)",
        "DELETE FROM microblog.audience WHERE person = $1 AND notice IN (SELECT notice FROM microblog.audience WHERE person = $1 LIMIT $2)",
        "DELETE FROM microblog.kept_favourite WHERE person = $1 AND uri IN (SELECT uri FROM microblog.kept_favourite WHERE person = $1 LIMIT $2)",
        "DELETE FROM microblog.mute WHERE muter = $1 AND muted IN (SELECT muted FROM microblog.mute WHERE muter = $1 LIMIT $2)",
        "DELETE FROM microblog.block WHERE blocker = $1 AND blocked IN (SELECT blocked FROM microblog.block WHERE blocker = $1 LIMIT $2)",
        "DELETE FROM microblog.mark WHERE person = $1 AND list IN (SELECT list FROM microblog.mark WHERE person = $1 LIMIT $2)",
        "DELETE FROM microblog.event WHERE author = $1 AND number IN (SELECT number FROM microblog.event WHERE author = $1 AND lane = 0 LIMIT $2)",
        "DELETE FROM microblog.failure WHERE id IN (SELECT id FROM microblog.failure WHERE event_author = $1 LIMIT $2)",
        // Nobody elsewhere has to be told of these; the others stay, ended, so that their pushes are answered rightly (OMB-57).
        """
        DELETE FROM microblog.subscription WHERE id IN (SELECT id FROM microblog.subscription
            WHERE subscriber = $1 AND protocol IN ('local', '(archive)') LIMIT $2)
        """,
        // Their notices and favourites are gone, and their subscriptions have ended: nothing is counted any more.
        "DELETE FROM microblog.profile_count WHERE profile IN (SELECT profile FROM microblog.profile_count WHERE profile = $1 LIMIT $2)",
    ];

    /// <summary>Deletes at most about so many rows.</summary>
    /// <returns>Whether there may be more.</returns>
    public async ValueTask<bool> ContinueAsync(ProfileId person, int count, TimelinePosition position)
    {
        var rest = count - await DeleteNoticesAsync(person, count, position).ConfigureAwait(false);
        if (rest > 0)
            rest -= await TakeFavouritesBackAsync(person, rest).ConfigureAwait(false);
        if (rest > 0)
            rest -= await ((PostgresHub)session.Hub).EndOfAsync(person, rest).ConfigureAwait(false);
        foreach (var sql in Rows)
        {
            if (rest > 0)
                rest -= await session.Sql(sql).Bind(person.Value).Bind(rest).RunAsync().ConfigureAwait(false);
        }

        return rest <= 0 || await ForgetFollowersAsync(person).ConfigureAwait(false) == FollowersAtOnce;
    }

    private async ValueTask<int> DeleteNoticesAsync(ProfileId person, int count, TimelinePosition position)
    {
        var notices = await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + " FROM microblog.authorship x CROSS JOIN LATERAL (SELECT * FROM microblog.notice WHERE id = x.notice OFFSET 0) n "
            + "WHERE x.author = $1 LIMIT $2").Bind(person.Value).Bind(count).ListAsync(PostgresNoticeRow.Read).ConfigureAwait(false);
        foreach (var notice in notices)
            await session.Notices.DeleteAsync(notice.Id, position, CancellationToken.None).ConfigureAwait(false);
        long[] ids = [.. notices.Select(notice => notice.Id.Value)];
        session.Sql("UPDATE microblog.notice SET mentions = '', tags = '', audience = '', license = '', reply_to_uri = '' WHERE id = ANY ($1)").Bind(ids).Later();
        session.Sql("DELETE FROM microblog.authorship WHERE author = $1 AND notice = ANY ($2)").Bind(person.Value).Bind(ids).Later();
        session.Sql("DELETE FROM microblog.audience WHERE notice = ANY ($1)").Bind(ids).Later();
        var tags = notices.SelectMany(notice => notice.Tags, (notice, tag) => (Notice: notice.Id.Value, Tag: tag)).ToList();
        session.Sql("DELETE FROM microblog.tag t USING unnest($1, $2) AS gone (tag, notice) WHERE t.tag = gone.tag AND t.notice = gone.notice")
            .Bind([.. tags.Select(pair => pair.Tag)]).Bind([.. tags.Select(pair => pair.Notice)]).Later();
        var readers = notices.SelectMany(notice => notice.Mentions.Union(notice.Audience), (notice, reader) => (Notice: notice.Id.Value, Reader: reader.Value)).ToList();
        foreach (var (table, column) in new[] { ("mention", "person"), ("home", "owner") })
        {
            session.Sql($"DELETE FROM microblog.{table} t USING unnest($1, $2) AS gone (person, notice) WHERE t.{column} = gone.person AND t.notice = gone.notice")
                .Bind([.. readers.Select(pair => pair.Reader)]).Bind([.. readers.Select(pair => pair.Notice)]).Later();
        }

        return notices.Count;
    }

    private async ValueTask<int> TakeFavouritesBackAsync(ProfileId person, int count)
    {
        var notices = await session.Sql("SELECT notice FROM microblog.favourite WHERE person = $1 LIMIT $2").Bind(person.Value).Bind(count)
            .ListAsync(static row => new NoticeId(row.Int64(0))).ConfigureAwait(false);
        foreach (var notice in notices)
            await session.Reactions.UnfavouriteAsync(person, notice, CancellationToken.None).ConfigureAwait(false);
        return notices.Count;
    }

    // Only people of this node have the person's notices in a home timeline: followers of now or then, who is named in the notice, and who was in
    // a group to which it went. With the last the entry stays and finds nothing, as that of any deleted notice: nobody knows who they were.
    private async ValueTask<int> ForgetFollowersAsync(ProfileId person)
    {
        var followers = await session.Sql(
            "SELECT id, subscriber FROM microblog.subscription WHERE publisher = $1 AND protocol IN ('local', '(archive)') LIMIT $2")
            .Bind(person.Value).Bind(FollowersAtOnce).ListAsync(static row => (Subscription: row.Int64(0), Person: row.Int64(1))).ConfigureAwait(false);
        session.Sql("DELETE FROM microblog.home WHERE owner = ANY ($1) AND author = $2")
            .Bind([.. followers.Select(follower => follower.Person)]).Bind(person.Value).Later();
        session.Sql("DELETE FROM microblog.subscription WHERE id = ANY ($1)").Bind([.. followers.Select(follower => follower.Subscription)]).Later();
        return followers.Count;
    }
}
