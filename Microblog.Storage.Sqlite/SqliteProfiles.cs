namespace Microblog.Storage.Sqlite;

internal sealed class SqliteProfiles(SqliteSession session) : IProfileStore
{
    private const string Select = "SELECT " + ProfileRow.Columns + " FROM microblog_profile p ";

    public ValueTask<Profile?> FindAsync(ProfileId id, CancellationToken cancellationToken) => new(Find(id));

    public ValueTask<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken) => new(One(session.Use(
        Select + "WHERE p.id = (SELECT profile FROM microblog_nickname WHERE nickname = ?1)").Bind(1, nickname)));

    public ValueTask<Profile?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => new(One(session.Use(
        Select + "WHERE p.id = (SELECT profile FROM microblog_subject WHERE subject = ?1) AND p.is_deleted = 0").Bind(1, subject)));

    public ValueTask<Profile?> FindAsync(ProfileUri uri, SubscriptionId scope, CancellationToken cancellationToken) =>
        new(One(session.Use(Select + "WHERE p.uri = ?1 AND p.scope = ?2").Bind(1, uri.Value).Bind(2, scope.Value)));

    public ValueTask<IReadOnlyList<Profile>> ListAsync(IReadOnlyCollection<ProfileUri> people, CancellationToken cancellationToken)
    {
        var list = new List<Profile>();
        foreach (var uri in people)
        {
            if (One(session.Use(Select + "WHERE p.uri = ?1 AND p.scope = 0 AND " + SqliteStanding.Present).Bind(1, uri.Value)) is { } person)
                list.Add(person);
        }

        return new(list);
    }

    public ValueTask<IReadOnlyList<Profile>> ListLocalAsync(ProfileId? before, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            Select + "WHERE p.is_local = 1 AND p.is_deleted = 0 AND p.standing < 2 AND p.id < ?1 ORDER BY p.id DESC LIMIT ?2")
            .Bind(1, before?.Value ?? long.MaxValue).Bind(2, count);
        var list = new List<Profile>();
        while (rows.Step())
            list.Add(ProfileRow.Read(rows, 0));
        return new(list);
    }

    public ValueTask<AddProfileResult> AddLocalAsync(Profile profile, string subject, CancellationToken cancellationToken)
    {
        var nickname = profile.Nickname.ToLowerInvariant();
        if (session.Use("SELECT 1 FROM microblog_nickname WHERE nickname = ?1").Bind(1, nickname).RunScalar() is not null)
            return new(AddProfileResult.NicknameTaken);
        if (session.Use("SELECT 1 FROM microblog_subject WHERE subject = ?1").Bind(1, subject).RunScalar() is not null)
            return new(AddProfileResult.SubjectHasProfile);
        Insert(profile with { IsLocal = true, IsDeleted = false, Scope = default });
        new SqliteIndex(session).ChangeNoticesOf(profile.Id.Value);
        session.Use("INSERT INTO microblog_nickname (nickname, profile) VALUES (?1, ?2)").Bind(1, nickname).Bind(2, profile.Id.Value).Run();
        session.Use("INSERT INTO microblog_subject (subject, profile) VALUES (?1, ?2)").Bind(1, subject).Bind(2, profile.Id.Value).Run();
        return new(AddProfileResult.Added);
    }

    public ValueTask<ProfileId> SaveRemoteAsync(Profile profile, CancellationToken cancellationToken)
    {
        var known = One(session.Use(Select + "WHERE p.uri = ?1 AND p.scope = ?2").Bind(1, profile.Uri.Value).Bind(2, profile.Scope.Value));
        if (known is { IsLocal: true })
            throw new StoreException($"{profile.Uri} is a person of this node.");
        var saved = profile with { Id = known?.Id ?? profile.Id, IsLocal = false };
        if (known is null)
            Insert(saved);
        else
            Replace(saved);
        return new(saved.Id);
    }

    public ValueTask<bool> UpdateAsync(Profile profile, CancellationToken cancellationToken)
    {
        if (Find(profile.Id) is not { IsDeleted: false } known)
            return new(false);
        Replace(profile with { Nickname = known.IsLocal ? known.Nickname : profile.Nickname, IsDeleted = false });
        return new(true);
    }

    public ValueTask DeleteLocalAsync(ProfileId id, CancellationToken cancellationToken)
    {
        session.Use(
            """
            UPDATE microblog_profile SET is_deleted = 1, full_name = '', bio = '', location = '', homepage = '', avatar_url = '', license = ''
            WHERE id = ?1 AND is_local = 1
            """).Bind(1, id.Value).Run();
        session.Use("DELETE FROM microblog_subject WHERE profile = ?1 AND NOT EXISTS (SELECT 1 FROM microblog_profile WHERE id = ?1 AND standing = 2)")
            .Bind(1, id.Value).Run();
        ((SqliteAttachments)session.Attachments).RemoveAll(id);
        ((SqliteInvitations)session.Invitations).RemoveAll(id);
        ((SqliteCredentials)session.Credentials).RemoveAll(id);
        new SqliteIndex(session).ChangePerson(id.Value);
        session.Use("INSERT OR IGNORE INTO microblog_job (notice, author, after, through) VALUES (?1, ?2, 0, 0)").Bind(1, SqliteLeaving.Job).Bind(2, id.Value).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ProfileCounts> CountAsync(ProfileId person, CancellationToken cancellationToken) => new(CountsOf(person));

    public ValueTask<IReadOnlyDictionary<ProfileId, ProfileCounts>> CountAsync(IReadOnlyCollection<ProfileId> people, CancellationToken cancellationToken)
    {
        var counted = new Dictionary<ProfileId, ProfileCounts>();
        foreach (var person in people)
        {
            if (CountsOf(person) is var counts && counts != default)
                counted[person] = counts;
        }

        return new(counted);
    }

    /// <summary>Adds to one of the numbers that are kept of a person of this node. The first opens the row, which may be there before the
    /// profile is: an archive brings that last.</summary>
    public void Count(ProfileId person, string column, int more) => session.Use(string.Intern(
        $"INSERT INTO microblog_profile_count (profile, {column}) VALUES (?1, ?2) ON CONFLICT (profile) DO UPDATE SET {column} = {column} + ?2"))
        .Bind(1, person.Value).Bind(2, more).Run();

    private ProfileCounts CountsOf(ProfileId person)
    {
        using var row = session.Use("SELECT notices, followers, following, favourites FROM microblog_profile_count WHERE profile = ?1").Bind(1, person.Value);
        return row.Step() ? new ProfileCounts(row.Int32(0), row.Int32(1), row.Int32(2), row.Int32(3)) : default;
    }

    private Profile? Find(ProfileId id) => One(session.Use(Select + "WHERE p.id = ?1").Bind(1, id.Value));

    private static Profile? One(SqliteStatement row)
    {
        using (row)
            return row.Step() ? ProfileRow.Read(row, 0) : null;
    }

    private void Insert(Profile profile)
    {
        ((SqliteModeration)session.Moderation).AddHost(profile.Host);
        InsertRow(profile);
        new SqliteIndex(session).ChangePerson(profile.Id.Value);
    }

    private void Replace(Profile profile)
    {
        ((SqliteModeration)session.Moderation).AddHost(profile.Host);
        ReplaceRow(profile);
        new SqliteIndex(session).ChangePerson(profile.Id.Value);
    }

    private void InsertRow(Profile profile) => ProfileRow.Bind(
        session.Use(
            """
            INSERT INTO microblog_profile (id, nickname, url, host, full_name, bio, location, homepage, avatar_url, license,
                approves_followers, is_deleted, fetched_at, uri, scope, is_local, standing)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                coalesce((SELECT standing FROM microblog_standing WHERE uri = ?14), 0))
            """),
        profile).Bind(14, profile.Uri.Value).Bind(15, profile.Scope.Value).Bind(16, profile.IsLocal).Run();

    // Identifier, scope and whether somebody is of this node never change.
    private void ReplaceRow(Profile profile) => ProfileRow.Bind(
        session.Use(
            """
            UPDATE microblog_profile SET nickname = ?2, url = ?3, host = ?4, full_name = ?5, bio = ?6, location = ?7, homepage = ?8,
                avatar_url = ?9, license = ?10, approves_followers = ?11, is_deleted = ?12, fetched_at = ?13
            WHERE id = ?1
            """),
        profile).Run();
}
