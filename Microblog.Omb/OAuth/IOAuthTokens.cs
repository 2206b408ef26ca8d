using System.Net;

namespace Microblog.Omb.OAuth;

/// <summary>Where a provider keeps tokens and nonces. The application implements it over its own storage.</summary>
/// <remarks>
/// <para>Every member is one atomic act, also between processes: all of it happens or nothing, and of two that collide one comes
/// first. None is called before the signature of the request has held, except the three that find something.</para>
/// <para>A nonce that comes with an act is remembered in the same transaction: if it is known already, the act must not happen.
/// It may be forgotten at <see cref="OAuthNonce.ForgetAfter"/>.</para>
/// <para>Tokens are compared by their bytes. Secrets come and go in clear; at rest they pass a protector.</para>
/// </remarks>
public interface IOAuthTokens
{
    /// <summary>What is known about a consumer; <see langword="null"/> refuses it as unknown.</summary>
    ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken);

    /// <summary>Keeps a new request token and remembers the nonce.</summary>
    /// <remarks>Anyone may ask for tokens, so limit the outstanding ones per consumer key and per address here,
    /// and of IPv6 per network: one line has many addresses.</remarks>
    ValueTask<AddRequestTokenResult> AddRequestTokenAsync(
        RequestToken token, OAuthNonce? nonce, IPAddress? from, CancellationToken cancellationToken);

    /// <summary>A request token in whatever state; <see langword="null"/> when there is none of this name.</summary>
    ValueTask<RequestToken?> FindRequestTokenAsync(string token, CancellationToken cancellationToken);

    /// <summary>Replaces a request token by its decided form, if the kept one is still pending; else changes nothing and answers
    /// <see langword="false"/>.</summary>
    ValueTask<bool> DecideAsync(RequestToken decided, CancellationToken cancellationToken);

    /// <summary>Exchanges a request token: remembers the nonce, asks <see cref="TokenExchange.Judge"/> about the token as it is in
    /// this transaction, keeps what the verdict says, and answers the verdict.</summary>
    /// <remarks>Of two simultaneous exchanges exactly one is issued (OAUTH-38), so the token is locked, or the transaction run
    /// again. A known nonce is <see cref="ExchangeVerdict.NonceUsed"/>, a vanished token <see cref="ExchangeVerdict.Unknown"/>.</remarks>
    ValueTask<ExchangeVerdict> ExchangeAsync(TokenExchange exchange, CancellationToken cancellationToken);

    /// <summary>An access token, revoked ones included; <see langword="null"/> when there is none of this name.</summary>
    ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken);

    /// <summary>Remembers the nonce of a request that changes nothing in this store; <see langword="false"/> when it was known.</summary>
    ValueTask<bool> RememberAsync(OAuthNonce nonce, CancellationToken cancellationToken);
}

/// <summary>What became of a new request token.</summary>
public enum AddRequestTokenResult
{
    /// <summary>It is kept.</summary>
    Added,

    /// <summary>The nonce was known: nothing changed.</summary>
    NonceUsed,

    /// <summary>The consumer or its address has too many outstanding: no token is kept; the nonce may be.</summary>
    TooMany,
}
