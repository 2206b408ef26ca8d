namespace Microblog.Storage.Postgres;

internal sealed class PostgresProfiles(PostgresSession session) : IProfileStore
{
    private const string Select = "SELECT " + PostgresProfileRow.Columns + " FROM microblog.profile p ";

    public ValueTask<Profile?> FindAsync(ProfileId id, CancellationToken cancellationToken) =>
        OneAsync(session.Sql(Select + "WHERE p.id = $1" + session.Lock).Bind(id.Value));

    public ValueTask<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken) => OneAsync(session.Sql(
        Select + "WHERE p.id = (SELECT profile FROM microblog.nickname WHERE nickname = $1)" + session.Lock).Bind(nickname));

    // Who left while this waited for the lock has left, although the subject was still theirs when the waiting began.
    public ValueTask<Profile?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => OneAsync(session.Sql(
        Select + "WHERE p.id = (SELECT profile FROM microblog.subject WHERE subject = $1) AND NOT p.is_deleted" + session.Lock).Bind(subject));

    public ValueTask<Profile?> FindAsync(ProfileUri uri, SubscriptionId scope, CancellationToken cancellationToken) => OneAsync(session.Sql(
        Select + "WHERE p.id = (SELECT profile FROM microblog.profile_uri WHERE uri = $1 AND scope = $2)" + session.Lock)
        .Bind(uri.Value).Bind(scope.Value));

    // Looked up one by one, whatever the planner thinks of them.
    public async ValueTask<IReadOnlyList<Profile>> ListAsync(IReadOnlyCollection<ProfileUri> people, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresProfileRow.Columns + " FROM unnest($1::text[]) WITH ORDINALITY AS x (uri, place) "
            + """
            CROSS JOIN LATERAL (SELECT profile FROM microblog.profile_uri WHERE uri = x.uri COLLATE "C" AND scope = 0 OFFSET 0) u
            CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = u.profile OFFSET 0) p
            """ + " WHERE " + PostgresStanding.Present + " ORDER BY x.place")
            .Bind([.. people.Select(uri => uri.Value)]).ListAsync(static row => PostgresProfileRow.Read(row, 0)).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Profile>> ListLocalAsync(ProfileId? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(Select + "WHERE p.is_local AND NOT p.is_deleted AND p.standing < 2 AND p.id < $1 ORDER BY p.id DESC LIMIT $2")
            .Bind(before?.Value ?? long.MaxValue).Bind(count).ListAsync(static row => PostgresProfileRow.Read(row, 0)).ConfigureAwait(false);

    // Whoever takes a name between this question and the insert breaks a constraint here, and the work asks again.
    public async ValueTask<AddProfileResult> AddLocalAsync(Profile profile, string subject, CancellationToken cancellationToken)
    {
        var nickname = profile.Nickname.ToLowerInvariant();
        var taken = await session.Sql(
            """
            SELECT EXISTS (SELECT FROM microblog.nickname WHERE nickname = $1), EXISTS (SELECT FROM microblog.subject WHERE subject = $2),
                EXISTS (SELECT FROM microblog.profile_uri WHERE uri = $3 AND scope = 0)
            """)
            .Bind(nickname).Bind(subject).Bind(profile.Uri.Value)
            .ListAsync(static row => (Nickname: row.Bool(0), Subject: row.Bool(1), Uri: row.Bool(2))).ConfigureAwait(false);
        if (taken[0].Nickname)
            return AddProfileResult.NicknameTaken;
        if (taken[0].Subject)
            return AddProfileResult.SubjectHasProfile;
        if (taken[0].Uri)
            throw new StoreException($"{profile.Uri} is a stored person already.");
        session.Sql("INSERT INTO microblog.nickname (nickname, profile) VALUES ($1, $2)").Bind(nickname).Bind(profile.Id.Value).Later();
        session.Sql("INSERT INTO microblog.subject (subject, profile) VALUES ($1, $2)").Bind(subject).Bind(profile.Id.Value).Later();
        Insert(profile with { IsLocal = true, IsDeleted = false, Scope = default });
        new PostgresIndex(session).ChangePeopleLater(profile.Id.Value);
        new PostgresIndex(session).ChangeNoticesOfLater(profile.Id);
        return AddProfileResult.Added;
    }

    public async ValueTask<ProfileId> SaveRemoteAsync(Profile profile, CancellationToken cancellationToken)
    {
        var known = await FindAsync(profile.Uri, profile.Scope, cancellationToken).ConfigureAwait(false);
        if (known is { IsLocal: true })
            throw new StoreException($"{profile.Uri} is a person of this node.");
        var saved = profile with { Id = known?.Id ?? profile.Id, IsLocal = false };
        ((PostgresModeration)session.Moderation).AddHostLater(saved.Host);
        if (known is null)
            Insert(saved);
        else
            Replace(saved).Later();
        new PostgresIndex(session).ChangePeopleLater(saved.Id.Value);
        return saved.Id;
    }

    public async ValueTask<bool> UpdateAsync(Profile profile, CancellationToken cancellationToken)
    {
        new PostgresIndex(session).ChangePeopleLater(profile.Id.Value);
        return await Replace(profile with { IsDeleted = false }, " AND NOT is_deleted").RunAsync().ConfigureAwait(false) > 0;
    }

    public ValueTask DeleteLocalAsync(ProfileId id, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            UPDATE microblog.profile SET is_deleted = true, full_name = '', bio = '', location = '', homepage = '', avatar_url = '', license = ''
            WHERE id = $1 AND is_local
            """).Bind(id.Value).Later();
        session.Sql("DELETE FROM microblog.subject WHERE profile = $1 AND NOT EXISTS (SELECT FROM microblog.profile WHERE id = $1 AND standing = 2)")
            .Bind(id.Value).Later();
        ((PostgresAttachments)session.Attachments).RemoveAllLater(id);
        ((PostgresInvitations)session.Invitations).RemoveAllLater(id);
        ((PostgresCredentials)session.Credentials).RemoveAllLater(id);
        new PostgresIndex(session).ChangePeopleLater(id.Value);
        session.Sql("INSERT INTO microblog.job (notice, author, after, through) VALUES ($1, $2, 0, 1) ON CONFLICT DO NOTHING")
            .Bind(PostgresLeaving.Job).Bind(id.Value).Later();
        session.WakesWorkers = true;
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ProfileCounts> CountAsync(ProfileId person, CancellationToken cancellationToken)
    {
        var found = await session.Sql("SELECT notices, followers, following, favourites FROM microblog.profile_count WHERE profile = $1" + session.Lock)
            .Bind(person.Value).ListAsync(static row => new ProfileCounts(row.Int32(0), row.Int32(1), row.Int32(2), row.Int32(3))).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : default;
    }

    // Looked up, and locked, one by one in the order of their numbers, whatever the planner thinks of them.
    public async ValueTask<IReadOnlyDictionary<ProfileId, ProfileCounts>> CountAsync(
        IReadOnlyCollection<ProfileId> people, CancellationToken cancellationToken)
    {
        var found = await session.Sql(
            "SELECT c.profile, c.notices, c.followers, c.following, c.favourites FROM unnest($1) AS x (profile) "
            + "CROSS JOIN LATERAL (SELECT * FROM microblog.profile_count WHERE profile = x.profile OFFSET 0" + session.Lock + ") c")
            .Bind([.. people.Select(person => person.Value).Distinct().Order()])
            .ListAsync(static row => (Person: new ProfileId(row.Int64(0)), Counts: new ProfileCounts(row.Int32(1), row.Int32(2), row.Int32(3), row.Int32(4))))
            .ConfigureAwait(false);
        return found.Where(counted => counted.Counts != default).ToDictionary();
    }

    /// <summary>Adds to the numbers that are kept of people of this node. The first opens the row, which may be there before the profile is: an
    /// archive brings that last.</summary>
    /// <remarks>Rows are locked in the order of their numbers, behind those of what is counted and before the authors' logs.</remarks>
    public void CountLater(params IReadOnlyList<(long Person, ProfileCounts More)> counted)
    {
        if (counted.Count == 0)
            return;
        session.Sql(
            """
            INSERT INTO microblog.profile_count AS c (profile, notices, followers, following, favourites)
            SELECT person, sum(notices), sum(followers), sum(following), sum(favourites)
            FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::integer[]) AS more (person, notices, followers, following, favourites)
            GROUP BY person ORDER BY person
            ON CONFLICT (profile) DO UPDATE SET notices = c.notices + EXCLUDED.notices, followers = c.followers + EXCLUDED.followers,
                following = c.following + EXCLUDED.following, favourites = c.favourites + EXCLUDED.favourites
            """)
            .Bind([.. counted.Select(static item => item.Person)]).Bind([.. counted.Select(static item => item.More.Notices)])
            .Bind([.. counted.Select(static item => item.More.Followers)]).Bind([.. counted.Select(static item => item.More.Following)])
            .Bind([.. counted.Select(static item => item.More.Favourites)]).Later();
    }

    private static ValueTask<Profile?> OneAsync(PostgresCommand command) => command.FindAsync(static row => PostgresProfileRow.Read(row, 0));

    private void Insert(Profile profile)
    {
        session.Sql("INSERT INTO microblog.profile_uri (uri, scope, profile) VALUES ($1, $2, $3)")
            .Bind(profile.Uri.Value).Bind(profile.Scope.Value).Bind(profile.Id.Value).Later();
        PostgresProfileRow.Bind(
            session.Sql(
                """
                INSERT INTO microblog.profile (id, nickname, url, host, full_name, bio, location, homepage, avatar_url, license,
                    approves_followers, is_deleted, fetched_at, uri, scope, is_local, standing)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                    coalesce((SELECT standing FROM microblog.standing WHERE uri = $14), 0))
                """),
            profile).Bind(profile.Uri.Value).Bind(profile.Scope.Value).Bind(profile.IsLocal).Later();
    }

    // Identifier, scope, whether somebody is of this node, and a nickname that this node has given, never change.
    private PostgresCommand Replace(Profile profile, string condition = "") => PostgresProfileRow.Bind(
        session.Sql(
            """
            UPDATE microblog.profile SET nickname = CASE WHEN is_local THEN nickname ELSE $2 END, url = $3, host = $4, full_name = $5,
                bio = $6, location = $7, homepage = $8, avatar_url = $9, license = $10, approves_followers = $11, is_deleted = $12,
                fetched_at = $13
            WHERE id = $1
            """ + condition),
        profile);
}
