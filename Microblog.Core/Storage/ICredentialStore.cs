namespace Microblog.Storage;

/// <summary>Reads tokens, of any protocol.</summary>
public interface ICredentialReader
{
    /// <summary>The credential, whatever its state, also expired; <see langword="null"/> when there never was one, or it was cleaned up.</summary>
    ValueTask<Credential?> FindAsync(string scope, string token, CancellationToken cancellationToken);

    /// <summary>A person's credentials of a scope that are active and have not expired, in the order of their tokens; without those of subscriptions.</summary>
    /// <param name="scope">Of the credentials.</param>
    /// <param name="person">Whose (<see cref="Credential.Person"/>).</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Credential>> ListAsync(string scope, ProfileId person, int count, CancellationToken cancellationToken);
}

/// <summary>Writes tokens and remembers what may happen once.</summary>
/// <remarks>Those of a person who leaves go with them, but for those of subscriptions, whose bearers have to be told
/// (<see cref="IProfileStore.DeleteLocalAsync"/>).</remarks>
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

    /// <summary>Checks for each of several pushes that its credential and the credential's subscription are active, and if they are, remembers
    /// that it came (OMB-58, OAUTH-21).</summary>
    /// <param name="scope">Of the credentials.</param>
    /// <param name="claims">The pushes.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>What holds of each, in their order and as if they had come in it: of two with one key the second is not new.</returns>
    /// <remarks>Asked inside every push's transaction, so it reads no more than that.</remarks>
    ValueTask<IReadOnlyList<ClaimResult>> ClaimAsync(string scope, IReadOnlyList<CredentialClaim> claims, CancellationToken cancellationToken);

    /// <summary>Remembers that something happened: nonces now, activity ids later.</summary>
    /// <returns>Whether this is the first time. Two at once: one of them is.</returns>
    ValueTask<bool> OnceAsync(OnceKey key, CancellationToken cancellationToken);

    /// <summary>Forgets what has expired before <paramref name="now"/>, at most <paramref name="count"/> rows of each kind.</summary>
    /// <returns>How many rows went.</returns>
    ValueTask<int> PruneAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);
}

/// <summary>Something that may happen once.</summary>
/// <param name="Scope">Whose namespace <paramref name="Key"/> is in.</param>
/// <param name="Key">At most 255 characters.</param>
/// <param name="Expires">Until when it is remembered at least. Part of what is remembered, because stores keep it in this order:
/// derive it from the thing itself, such as the signed timestamp beside a nonce, never from the clock at arrival.</param>
public sealed record OnceKey(string Scope, string Key, DateTimeOffset Expires);

/// <summary>A push that names a credential.</summary>
/// <param name="Token">The credential's.</param>
/// <param name="Once">What says that it has not come before; <see langword="null"/> when it may come as often as it likes.</param>
public sealed record CredentialClaim(string Token, OnceKey? Once);

/// <summary>What holds of a claim.</summary>
public enum ClaimResult
{
    /// <summary>It is in force and new, and remembered.</summary>
    Accepted,

    /// <summary>The credential or its subscription is not active, or there is none. Nothing is remembered.</summary>
    NotInForce,

    /// <summary>It has come before.</summary>
    NotNew,
}
