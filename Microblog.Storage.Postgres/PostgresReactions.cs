namespace Microblog.Storage.Postgres;

internal sealed class PostgresReactions(PostgresSession session) : IReactionStore
{
    private const string People = "SELECT " + PostgresProfileRow.Columns + " FROM ";

    private const string Unblocked =
        " AND " + PostgresStanding.Present +
        """
         AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = $2 AND b.blocked = p.uri)
         AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = p.id AND b.blocked = (SELECT v.uri FROM microblog.profile v WHERE v.id = $2))
        """;

    public async ValueTask<IReadOnlyList<Reaction>> ListAsync(ProfileId person, IReadOnlyList<NoticeId> notices, CancellationToken cancellationToken) =>
        await session.Sql(
            """
            SELECT n.id, f.person IS NOT NULL, coalesce(r.notice, 0) FROM (SELECT DISTINCT unnest($2::bigint[]) AS id) n
            LEFT JOIN microblog.favourite f ON f.notice = n.id AND f.person = $1
            LEFT JOIN microblog.repeat r ON r.original = n.id AND r.person = $1
            WHERE f.person IS NOT NULL OR r.person IS NOT NULL
            """).Bind(person.Value).Bind([.. notices.Select(notice => notice.Value)])
            .ListAsync(static row => new Reaction(new NoticeId(row.Int64(0)), row.Bool(1), new NoticeId(row.Int64(2)))).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<Profile>> ListFavouritersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) => ListAsync(
        People + "microblog.favourite x JOIN microblog.profile p ON p.id = x.person WHERE x.notice = $1" + Unblocked + " ORDER BY x.position DESC LIMIT $3",
        notice, viewer, count);

    public ValueTask<IReadOnlyList<Profile>> ListRepeatersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) => ListAsync(
        People + "microblog.repeat x JOIN microblog.profile p ON p.id = x.person WHERE x.original = $1" + Unblocked + " ORDER BY x.notice DESC LIMIT $3",
        notice, viewer, count);

    public async ValueTask<bool> FavouriteAsync(ProfileId person, NoticeId notice, TimelinePosition position, CancellationToken cancellationToken) =>
        await session.Sql(
            """
            WITH marked AS (
                INSERT INTO microblog.favourite (person, position, notice)
                SELECT $1, $2, id FROM microblog.notice WHERE id = $3 AND NOT is_deleted FOR NO KEY UPDATE
                ON CONFLICT (notice, person) DO NOTHING RETURNING notice),
            counted AS (
                INSERT INTO microblog.profile_count AS c (profile, favourites) SELECT $1, 1 FROM marked
                ON CONFLICT (profile) DO UPDATE SET favourites = c.favourites + 1),
            brought AS (DELETE FROM microblog.kept_favourite WHERE person = $1 AND uri = (SELECT uri FROM microblog.notice WHERE id = (SELECT notice FROM marked)))
            UPDATE microblog.notice SET favourites = favourites + 1 WHERE id = (SELECT notice FROM marked)
            """).Bind(person.Value).Bind(position.Value).Bind(notice.Value).RunAsync().ConfigureAwait(false) > 0;

    public async ValueTask<bool> UnfavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken) =>
        await session.Sql(
            """
            WITH unmarked AS (DELETE FROM microblog.favourite WHERE notice = $1 AND person = $2 RETURNING notice),
            counted AS (UPDATE microblog.profile_count SET favourites = favourites - 1 WHERE profile = $2 AND EXISTS (SELECT FROM unmarked)),
            untold AS (DELETE FROM microblog.notification WHERE notice = $1 AND notice <> 0 AND kind = $3 AND actor = $2)
            UPDATE microblog.notice SET favourites = favourites - 1 WHERE id = (SELECT notice FROM unmarked)
            """).Bind(notice.Value).Bind(person.Value).Bind((int)NotificationKind.Favourite).RunAsync().ConfigureAwait(false) > 0;

    /// <summary>A statement that deletes favourites, with no regard to what is counted of their notices.</summary>
    /// <param name="which">Which, of <c>favourite f</c>.</param>
    public PostgresCommand Delete(string which) => session.Sql(
        $"""
        WITH gone AS (DELETE FROM microblog.favourite f WHERE {which} RETURNING f.person)
        INSERT INTO microblog.profile_count AS c (profile, favourites) SELECT person, -count(*) FROM gone GROUP BY person ORDER BY person
        ON CONFLICT (profile) DO UPDATE SET favourites = c.favourites + EXCLUDED.favourites
        """);

    private async ValueTask<IReadOnlyList<Profile>> ListAsync(string sql, NoticeId notice, ProfileId viewer, int count) =>
        await session.Sql(sql).Bind(notice.Value).Bind(viewer.Value).Bind(count)
            .ListAsync(static row => PostgresProfileRow.Read(row, 0)).ConfigureAwait(false);
}
