namespace Microblog.Storage;

/// <summary>Reads tokens, of any protocol.</summary>
public interface ICredentialReader
{
    /// <summary>The credential, whatever its state, also expired; <see langword="null"/> when there never was one, or it was cleaned up.</summary>
    ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken);

    /// <summary>Whether a credential and its subscription are active.</summary>
    /// <remarks>Asked inside every push's transaction, so it reads no more than that (OMB-58).</remarks>
    ValueTask<bool> IsInForceAsync(string scope, string token, CancellationToken cancellationToken);
}

/// <summary>Writes tokens and remembers what may happen once.</summary>
public interface ICredentialStore : ICredentialReader
{
    /// <summary>Adds a credential.</summary>
    /// <param name="credential">What to store.</param>
    /// <param name="limit">How many unexpired ones of its scope and consumer may be there afterwards.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there was room.</returns>
    ValueTask<bool> AddAsync(Credential credential, int limit, CancellationToken cancellationToken);

    /// <summary>Replaces a credential if it still stands as <paramref name="expected"/>: the one way in which states change, so that
    /// of two at once exactly one succeeds.</summary>
    /// <returns>Whether it was replaced.</returns>
    ValueTask<bool> ReplaceAsync(Credential credential, CredentialState expected, CancellationToken cancellationToken);

    /// <summary>Revokes every active credential of a subscription. They are kept, so that their bearers can be told (OMB-58).</summary>
    ValueTask RevokeAsync(SubscriptionId subscription, CancellationToken cancellationToken);

    /// <summary>Remembers that something happened: nonces now, activity ids later.</summary>
    /// <param name="scope">Whose namespace <paramref name="key"/> is in.</param>
    /// <param name="key">At most 255 characters.</param>
    /// <param name="expires">Until when it is remembered at least. Part of what is remembered, because stores keep it in this order:
    /// derive it from the thing itself, such as the signed timestamp beside a nonce, never from the clock at arrival.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether this is the first time. Two at once: one of them is.</returns>
    ValueTask<bool> OnceAsync(string scope, string key, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>Forgets what has expired before <paramref name="now"/>, at most <paramref name="count"/> rows of each kind.</summary>
    /// <returns>How many rows went.</returns>
    ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);
}
