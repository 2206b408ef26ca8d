namespace Microblog.Storage.InMemory;

internal sealed class InMemoryCredentials(InMemorySession session) : ICredentialStore
{
    public ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken) =>
        new(session.State.Credentials.GetValueOrDefault((scope, token)));

    public ValueTask<IReadOnlyList<Credential>> ListAsync(string scope, ProfileId person, int count, CancellationToken cancellationToken)
    {
        var now = session.Now;
        return new(Of(person)
            .Where(credential => credential.Scope == scope && credential.State == CredentialState.Active && (credential.Expires is null || credential.Expires > now))
            .OrderBy(credential => credential.Token, StringComparer.Ordinal).Take(count).ToList());
    }

    public ValueTask<bool> AddAsync(Credential credential, int limit, CancellationToken cancellationToken)
    {
        var now = session.Now;
        var there = session.State.Credentials.Values.Count(other =>
            other.Scope == credential.Scope && other.Consumer == credential.Consumer && (other.Expires is null || other.Expires > now));
        if (there >= limit)
            return new(false);
        if (session.State.Credentials.ContainsKey((credential.Scope, credential.Token)))
            throw new StoreException("The token is taken.");
        Set(credential);
        return new(true);
    }

    public ValueTask<bool> ReplaceAsync(Credential credential, CredentialState expected, CancellationToken cancellationToken)
    {
        if (session.State.Credentials.GetValueOrDefault((credential.Scope, credential.Token)) is not { } known || known.State != expected)
            return new(false);
        Set(credential);
        return new(true);
    }

    public ValueTask RevokeAsync(SubscriptionId subscription, CancellationToken cancellationToken)
    {
        Revoke(subscription);
        return ValueTask.CompletedTask;
    }

    public void Revoke(SubscriptionId subscription)
    {
        foreach (var credential in session.State.Credentials.Values)
        {
            if (!subscription.IsNone && credential.Subscription == subscription && credential.State == CredentialState.Active)
                Set(credential with { State = CredentialState.Revoked });
        }
    }

    public ValueTask<IReadOnlyList<ClaimResult>> ClaimAsync(string scope, IReadOnlyList<CredentialClaim> claims, CancellationToken cancellationToken) => new(
        claims.Select(claim => !IsInForce(scope, claim.Token) ? ClaimResult.NotInForce
            : claim.Once is null || IsFirst(claim.Once) ? ClaimResult.Accepted : ClaimResult.NotNew).ToList());

    public ValueTask<bool> OnceAsync(OnceKey key, CancellationToken cancellationToken) => new(IsFirst(key));

    public ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken)
    {
        var tokens = session.State.Credentials.Where(pair => pair.Value.Expires < now)
            .OrderBy(pair => pair.Value.Expires).Take(count).Select(pair => pair.Key).ToList();
        var keys = session.State.Once.Where(once => once.Expires < now).OrderBy(once => once.Expires).Take(count).ToList();
        session.State = session.State with
        {
            Credentials = session.State.Credentials.RemoveRange(tokens),
            Once = session.State.Once.Except(keys),
        };
        return new(tokens.Count + keys.Count);
    }

    public void RemoveAll(ProfileId person) => session.State = session.State with
    {
        Credentials = session.State.Credentials.RemoveRange(Of(person).Select(credential => (credential.Scope, credential.Token))),
    };

    private IEnumerable<Credential> Of(ProfileId person) =>
        session.State.Credentials.Values.Where(credential => !person.IsNone && credential.Person == person && credential.Subscription.IsNone);

    private bool IsInForce(string scope, string token) =>
        session.State.Credentials.GetValueOrDefault((scope, token)) is { State: CredentialState.Active } credential
        && session.State.Subscriptions.GetValueOrDefault(credential.Subscription.Value) is { State: SubscriptionState.Active };

    private bool IsFirst(OnceKey key)
    {
        if (session.State.Once.Contains((key.Scope, key.Key, key.Expires)))
            return false;
        session.State = session.State with { Once = session.State.Once.Add((key.Scope, key.Key, key.Expires)) };
        return true;
    }

    private void Set(Credential credential) => session.State = session.State with
    {
        Credentials = session.State.Credentials.SetItem((credential.Scope, credential.Token), credential),
    };
}
