namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresCredentials(PostgresSession session) : ICredentialStore
{
    public ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> IsInForceAsync(string scope, string token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> AddAsync(Credential credential, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ReplaceAsync(Credential credential, CredentialState expected, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RevokeAsync(SubscriptionId subscription, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> OnceAsync(string scope, string key, DateTimeOffset expires, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) => throw new NotSupportedException();
}
