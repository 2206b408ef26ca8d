namespace Microblog.Storage.Sqlite;

internal sealed class SqliteCredentials(SqliteSession session) : ICredentialStore
{
    private const string Select = "SELECT token, secret, consumer, state, person, subscription, failures, data, expires FROM microblog_credential ";

    public ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken)
    {
        using var row = session.Use(Select + "WHERE scope = ?1 AND token = ?2").Bind(1, scope).Bind(2, token);
        return new(row.Step() ? Read(scope, row) : null);
    }

    public ValueTask<IReadOnlyList<Credential>> ListAsync(string scope, ProfileId person, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(Select +
            """
            WHERE person = ?1 AND person <> 0 AND subscription = 0 AND scope = ?2 AND state = 4 AND (expires IS NULL OR expires > ?3)
            ORDER BY token LIMIT ?4
            """).Bind(1, person.Value).Bind(2, scope).Bind(3, session.Now).Bind(4, count);
        var list = new List<Credential>();
        while (rows.Step())
            list.Add(Read(scope, rows));
        return new(list);
    }

    public ValueTask<bool> AddAsync(Credential credential, int limit, CancellationToken cancellationToken)
    {
        var there = session.Use(
            """
            SELECT count(*) FROM (SELECT 1 FROM microblog_credential
                WHERE scope = ?1 AND consumer = ?2 AND (expires IS NULL OR expires > ?3) LIMIT ?4)
            """).Bind(1, credential.Scope).Bind(2, credential.Consumer).Bind(3, session.Now).Bind(4, limit).RunScalar();
        if (there >= limit)
            return new(false);
        Bind(
            session.Use(
                """
                INSERT INTO microblog_credential (scope, token, secret, state, person, subscription, failures, data, expires, consumer)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                """),
            credential).Bind(10, credential.Consumer).Run();
        return new(true);
    }

    public ValueTask<bool> ReplaceAsync(Credential credential, CredentialState expected, CancellationToken cancellationToken) => new(Bind(
        session.Use(
            """
            UPDATE microblog_credential SET secret = ?3, state = ?4, person = ?5, subscription = ?6, failures = ?7, data = ?8, expires = ?9,
                consumer = ?10
            WHERE scope = ?1 AND token = ?2 AND state = ?11
            """),
        credential).Bind(10, credential.Consumer).Bind(11, (int)expected).Run() > 0);

    public ValueTask RevokeAsync(SubscriptionId subscription, CancellationToken cancellationToken)
    {
        Revoke(subscription);
        return ValueTask.CompletedTask;
    }

    public void Revoke(SubscriptionId subscription) => session.Use(
        "UPDATE microblog_credential SET state = ?2 WHERE subscription = ?1 AND subscription <> 0 AND state = ?3")
        .Bind(1, subscription.Value).Bind(2, (int)CredentialState.Revoked).Bind(3, (int)CredentialState.Active).Run();

    public ValueTask<IReadOnlyList<ClaimResult>> ClaimAsync(string scope, IReadOnlyList<CredentialClaim> claims, CancellationToken cancellationToken)
    {
        var results = new ClaimResult[claims.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = !IsInForce(scope, claims[i].Token) ? ClaimResult.NotInForce
                : claims[i].Once is not { } key || IsFirst(key) ? ClaimResult.Accepted : ClaimResult.NotNew;
        }

        return new(results);
    }

    public ValueTask<bool> OnceAsync(OnceKey key, CancellationToken cancellationToken) => new(IsFirst(key));

    public ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken)
    {
        var credentials = session.Use(
            """
            DELETE FROM microblog_credential WHERE (scope, token) IN (SELECT scope, token FROM microblog_credential
                WHERE expires IS NOT NULL AND expires < ?1 ORDER BY expires LIMIT ?2)
            """).Bind(1, now).Bind(2, count).Run();
        var keys = session.Use(
            """
            DELETE FROM microblog_once WHERE (expires, scope, key) IN (SELECT expires, scope, key FROM microblog_once
                WHERE expires < ?1 ORDER BY expires LIMIT ?2)
            """).Bind(1, now).Bind(2, count).Run();
        return new(credentials + keys);
    }

    public void RemoveAll(ProfileId person) => session.Use(
        "DELETE FROM microblog_credential WHERE person = ?1 AND person <> 0 AND subscription = 0").Bind(1, person.Value).Run();

    private bool IsInForce(string scope, string token) => session.Use(
        """
        SELECT 1 FROM microblog_credential c CROSS JOIN microblog_subscription s ON s.id = c.subscription
        WHERE c.scope = ?1 AND c.token = ?2 AND c.state = 4 AND s.state = 1
        """).Bind(1, scope).Bind(2, token).RunScalar() is not null;

    private bool IsFirst(OnceKey key) =>
        session.Use("INSERT OR IGNORE INTO microblog_once (expires, scope, key) VALUES (?1, ?2, ?3)")
            .Bind(1, key.Expires).Bind(2, key.Scope).Bind(3, key.Key).Run() > 0;

    private static Credential Read(string scope, SqliteStatement row) => new()
    {
        Scope = scope,
        Token = row.Text(0),
        ProtectedSecret = row.Blob(1),
        Consumer = row.Text(2),
        State = (CredentialState)row.Int32(3),
        Person = new ProfileId(row.Int64(4)),
        Subscription = new SubscriptionId(row.Int64(5)),
        Failures = row.Int32(6),
        Data = row.Text(7),
        Expires = row.TimeOrNull(8),
    };

    private static SqliteStatement Bind(SqliteStatement statement, Credential credential) => statement
        .Bind(1, credential.Scope)
        .Bind(2, credential.Token)
        .Bind(3, credential.ProtectedSecret.Span)
        .Bind(4, (int)credential.State)
        .Bind(5, credential.Person.Value)
        .Bind(6, credential.Subscription.Value)
        .Bind(7, credential.Failures)
        .Bind(8, credential.Data)
        .Bind(9, credential.Expires);
}
