namespace Microblog.Storage.Postgres;

internal sealed class PostgresCredentials(PostgresSession session) : ICredentialStore
{
    private const string Select = "SELECT token, secret, consumer, state, person, subscription, failures, data, expires FROM microblog.credential ";

    public ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken) =>
        session.Sql(Select + "WHERE scope = $1 AND token = $2" + session.Lock).Bind(scope).Bind(token).FindAsync(row => Read(scope, row));

    public async ValueTask<IReadOnlyList<Credential>> ListAsync(string scope, ProfileId person, int count, CancellationToken cancellationToken) =>
        await session.Sql(Select +
            """
            WHERE person = $1 AND person <> 0 AND subscription = 0 AND scope = $2 AND state = 4 AND (expires IS NULL OR expires > $3)
            ORDER BY token LIMIT $4
            """).Bind(person.Value).Bind(scope).Bind(session.Now).Bind(count).ListAsync(row => Read(scope, row)).ConfigureAwait(false);

    public async ValueTask<bool> AddAsync(Credential credential, int limit, CancellationToken cancellationToken)
    {
        if (limit < int.MaxValue && await CountAsync(credential, limit).ConfigureAwait(false) >= limit)
            return false;
        // Waits for whoever adds the same token at once, so nothing is left to run into.
        var isAdded = await Bind(
            session.Sql(
                """
                INSERT INTO microblog.credential (scope, token, secret, state, person, subscription, failures, data, expires, consumer)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
                """),
            credential).RunAsync().ConfigureAwait(false) > 0;
        return isAdded ? true : throw new StoreException("This token is there already.");
    }

    public async ValueTask<bool> ReplaceAsync(Credential credential, CredentialState expected, CancellationToken cancellationToken) =>
        await Bind(
            session.Sql(
                """
                UPDATE microblog.credential SET secret = $3, state = $4, person = $5, subscription = $6, failures = $7, data = $8,
                    expires = $9, consumer = $10
                WHERE scope = $1 AND token = $2 AND state = $11
                """),
            credential).Bind((int)expected).RunAsync().ConfigureAwait(false) > 0;

    public ValueTask RevokeAsync(SubscriptionId subscription, CancellationToken cancellationToken)
    {
        RevokeLater([subscription.Value]);
        return ValueTask.CompletedTask;
    }

    public void RevokeLater(IReadOnlyCollection<long> subscriptions) => session.Sql(
        "UPDATE microblog.credential SET state = $2 WHERE subscription = ANY ($1) AND subscription <> 0 AND state = $3")
        .Bind(subscriptions).Bind((int)CredentialState.Revoked).Bind((int)CredentialState.Active).Later();

    public async ValueTask<IReadOnlyList<ClaimResult>> ClaimAsync(string scope, IReadOnlyList<CredentialClaim> claims, CancellationToken cancellationToken)
    {
        var isNew = await ClaimAsync(scope, claims).ConfigureAwait(false);
        var taken = new HashSet<(long, string, string)>();
        return [.. claims.Select((claim, i) => isNew[i] is not { } isFirst ? ClaimResult.NotInForce
            : claim.Once is not { } key || (isFirst && taken.Add((key.Expires.ToUnixTimeMilliseconds(), key.Scope, key.Key))) ? ClaimResult.Accepted
            : ClaimResult.NotNew)];
    }

    public async ValueTask<bool> OnceAsync(OnceKey key, CancellationToken cancellationToken) =>
        await session.Sql("INSERT INTO microblog.once (expires, scope, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .Bind(key.Expires).Bind(key.Scope).Bind(key.Key).RunAsync().ConfigureAwait(false) > 0;

    // Several processes prune at once: each passes over what another one is at.
    public async ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) => (int)(await session.Sql(
        """
        WITH old_credential AS (SELECT scope, token FROM microblog.credential
                WHERE expires < $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED),
            credential AS (DELETE FROM microblog.credential c USING old_credential o
                WHERE c.scope = o.scope AND c.token = o.token RETURNING 1),
            old_key AS (SELECT expires, scope, key FROM microblog.once
                WHERE expires < $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED),
            key AS (DELETE FROM microblog.once k USING old_key o
                WHERE k.expires = o.expires AND k.scope = o.scope AND k.key = o.key RETURNING 1)
        SELECT (SELECT count(*) FROM credential) + (SELECT count(*) FROM key)
        """).Bind(now).Bind(count).ScalarAsync().ConfigureAwait(false))!;

    public void RemoveAllLater(ProfileId person) => session.Sql(
        "DELETE FROM microblog.credential WHERE person = $1 AND person <> 0 AND subscription = 0").Bind(person.Value).Later();

    // For each claim whether its key is new, and nothing when its credential is not in force. Keys are taken in one order by all, so that
    // nobody waits crosswise.
    private async ValueTask<bool?[]> ClaimAsync(string scope, IReadOnlyList<CredentialClaim> claims)
    {
        var answers = new bool?[claims.Count];
        foreach (var (place, isNew) in await session.Sql(
            """
            WITH claim AS MATERIALIZED (
                SELECT i.* FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY AS i (token, expires, scope, key, place)
                JOIN microblog.credential c ON c.scope = $1 AND c.token = i.token AND c.state = 4
                JOIN microblog.subscription s ON s.id = c.subscription AND s.state = 1),
            added AS (
                INSERT INTO microblog.once (expires, scope, key) SELECT DISTINCT expires, scope, key FROM claim WHERE key IS NOT NULL
                ORDER BY expires, scope, key ON CONFLICT DO NOTHING RETURNING expires, scope, key)
            SELECT c.place, a.key IS NOT NULL FROM claim c LEFT JOIN added a ON a.expires = c.expires AND a.scope = c.scope AND a.key = c.key
            """)
            .Bind(scope)
            .Bind([.. claims.Select(static claim => claim.Token)])
            .Bind([.. claims.Select(static claim => claim.Once?.Expires.ToUnixTimeMilliseconds())])
            .Bind([.. claims.Select(static claim => claim.Once?.Scope)])
            .Bind([.. claims.Select(static claim => claim.Once?.Key)])
            .ListAsync(static row => (Place: row.Int64(0), IsNew: row.Bool(1))).ConfigureAwait(false))
            answers[place - 1] = isNew;
        return answers;
    }

    // No further than the limit. Alone among those who add for this consumer until the transaction ends, so that two at once do not
    // both take the last place.
    private async ValueTask<long> CountAsync(Credential credential, int limit)
    {
        session.LockLater(PostgresLock.Consumer, $"{credential.Scope} {credential.Consumer}");
        return (await session.Sql(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM microblog.credential WHERE scope = $1 AND consumer = $2 AND expires > $3
                UNION ALL SELECT 1 FROM microblog.credential WHERE scope = $1 AND consumer = $2 AND expires IS NULL
                LIMIT $4) there
            """).Bind(credential.Scope).Bind(credential.Consumer).Bind(session.Now).Bind(limit).ScalarAsync().ConfigureAwait(false))!.Value;
    }

    private static Credential Read(string scope, PostgresRow row) => new()
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

    private static PostgresCommand Bind(PostgresCommand command, Credential credential) => command
        .Bind(credential.Scope)
        .Bind(credential.Token)
        .Bind(credential.ProtectedSecret)
        .Bind((int)credential.State)
        .Bind(credential.Person.Value)
        .Bind(credential.Subscription.Value)
        .Bind(credential.Failures)
        .Bind(credential.Data)
        .Bind(credential.Expires)
        .Bind(credential.Consumer);
}
