namespace Microblog.Storage.Sqlite;

internal sealed class SqliteReactions(SqliteSession session) : IReactionStore
{
    private const string People = "SELECT " + ProfileRow.Columns + " FROM ";

    private const string Unblocked =
        " AND " + SqliteStanding.Present +
        """
         AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = ?2 AND b.blocked = p.uri)
         AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = p.id AND b.blocked = (SELECT v.uri FROM microblog_profile v WHERE v.id = ?2))
        """;

    public ValueTask<IReadOnlyList<Reaction>> ListAsync(ProfileId person, IReadOnlyList<NoticeId> notices, CancellationToken cancellationToken)
    {
        var list = new List<Reaction>();
        foreach (var notice in notices.Distinct())
        {
            var repeat = session.Use("SELECT notice FROM microblog_repeat WHERE original = ?1 AND person = ?2")
                .Bind(1, notice.Value).Bind(2, person.Value).RunScalar() ?? 0;
            if (IsFavourite(person, notice) is var isFavourite && (isFavourite || repeat != 0))
                list.Add(new Reaction(notice, isFavourite, new NoticeId(repeat)));
        }

        return new(list);
    }

    public ValueTask<IReadOnlyList<Profile>> ListFavouritersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) => List(
        People + "microblog_favourite x CROSS JOIN microblog_profile p ON p.id = x.person WHERE x.notice = ?1" + Unblocked + " ORDER BY x.position DESC LIMIT ?3",
        notice, viewer, count);

    public ValueTask<IReadOnlyList<Profile>> ListRepeatersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) => List(
        People + "microblog_repeat x CROSS JOIN microblog_profile p ON p.id = x.person WHERE x.original = ?1" + Unblocked + " ORDER BY x.notice DESC LIMIT ?3",
        notice, viewer, count);

    public ValueTask<bool> FavouriteAsync(ProfileId person, NoticeId notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        var isNew = session.Use(
            """
            INSERT INTO microblog_favourite (person, position, notice)
            SELECT ?1, ?2, id FROM microblog_notice WHERE id = ?3 AND is_deleted = 0 ON CONFLICT (notice, person) DO NOTHING
            """).Bind(1, person.Value).Bind(2, position.Value).Bind(3, notice.Value).Run() > 0;
        if (!isNew)
            return new(false);
        ((SqliteNotices)session.Notices).Count(notice, "favourites", 1);
        Profiles.Count(person, "favourites", 1);
        session.Use("DELETE FROM microblog_kept_favourite WHERE person = ?1 AND uri = (SELECT uri FROM microblog_notice WHERE id = ?2)")
            .Bind(1, person.Value).Bind(2, notice.Value).Run();
        return new(true);
    }

    public ValueTask<bool> UnfavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken) => new(Unfavourite(person, notice));

    public bool Unfavourite(ProfileId person, NoticeId notice)
    {
        var wasOne = session.Use("DELETE FROM microblog_favourite WHERE notice = ?1 AND person = ?2")
            .Bind(1, notice.Value).Bind(2, person.Value).Run() > 0;
        if (!wasOne)
            return false;
        ((SqliteNotices)session.Notices).Count(notice, "favourites", -1);
        Profiles.Count(person, "favourites", -1);
        session.Use("DELETE FROM microblog_notification WHERE notice = ?1 AND notice <> 0 AND kind = ?2 AND actor = ?3")
            .Bind(1, notice.Value).Bind(2, (int)NotificationKind.Favourite).Bind(3, person.Value).Run();
        return true;
    }

    /// <summary>Runs a statement that deletes favourites, with no regard to what is counted of their notices.</summary>
    /// <param name="deletion">Returns whose.</param>
    public void Delete(SqliteStatement deletion)
    {
        var people = new List<ProfileId>();
        using (deletion)
        {
            while (deletion.Step())
                people.Add(new ProfileId(deletion.Int64(0)));
        }

        foreach (var person in people)
            Profiles.Count(person, "favourites", -1);
    }

    private SqliteProfiles Profiles => (SqliteProfiles)session.Profiles;

    private bool IsFavourite(ProfileId person, NoticeId notice) => session.Use("SELECT 1 FROM microblog_favourite WHERE notice = ?1 AND person = ?2")
        .Bind(1, notice.Value).Bind(2, person.Value).RunScalar() is not null;

    private ValueTask<IReadOnlyList<Profile>> List(string sql, NoticeId notice, ProfileId viewer, int count)
    {
        using var rows = session.Use(sql).Bind(1, notice.Value).Bind(2, viewer.Value).Bind(3, count);
        var list = new List<Profile>();
        while (rows.Step())
            list.Add(ProfileRow.Read(rows, 0));
        return new(list);
    }
}
