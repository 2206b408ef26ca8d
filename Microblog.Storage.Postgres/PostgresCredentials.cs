namespace Microblog.Storage.Postgres;

internal sealed class PostgresCredentials(PostgresSession session) : ICredentialStore
{
    public ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken) => session.Sql(
        """
        SELECT secret, consumer, state, person, subscription, failures, data, expires
        FROM microblog.credential WHERE scope = $1 AND token = $2
        """ + session.Lock).Bind(scope).Bind(token)
        .FindAsync(row => new Credential
        {
            Scope = scope,
            Token = token,
            ProtectedSecret = row.Blob(0),
            Consumer = row.Text(1),
            State = (CredentialState)row.Int32(2),
            Person = new ProfileId(row.Int64(3)),
            Subscription = new SubscriptionId(row.Int64(4)),
            Failures = row.Int32(5),
            Data = row.Text(6),
            Expires = row.TimeOrNull(7),
        });

    public ValueTask<bool> IsInForceAsync(string scope, string token, CancellationToken cancellationToken) => session.Sql(
        """
        SELECT FROM microblog.credential c JOIN microblog.subscription s ON s.id = c.subscription
        WHERE c.scope = $1 AND c.token = $2 AND c.state = 4 AND s.state = 1
        """).Bind(scope).Bind(token).AnyAsync();

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

    public async ValueTask<bool> OnceAsync(string scope, string key, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        const string Insert = "INSERT INTO microblog.once (expires, scope, key) VALUES ($1, $2, $3)";
        if (!session.IsHopeful)
            return await session.Sql(Insert + " ON CONFLICT DO NOTHING").Bind(expires).Bind(scope).Bind(key).RunAsync().ConfigureAwait(false) > 0;
        // It nearly always is the first time, and then nobody waits for the answer: a push has one round trip less.
        session.Sql(Insert).Bind(expires).Bind(scope).Bind(key).Later();
        return true;
    }

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
