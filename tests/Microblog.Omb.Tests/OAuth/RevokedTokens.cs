using System.Net;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>A store whose access tokens have all been revoked.</summary>
internal sealed class RevokedTokens(IOAuthTokens inner) : IOAuthTokens
{
    public async ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken) =>
        await inner.FindAccessTokenAsync(token, cancellationToken) is { } found ? found with { IsRevoked = true } : null;

    public ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken) =>
        inner.FindConsumerAsync(consumerKey, cancellationToken);

    public ValueTask<AddRequestTokenResult> AddRequestTokenAsync(
        RequestToken token, OAuthNonce? nonce, IPAddress? from, CancellationToken cancellationToken) =>
        inner.AddRequestTokenAsync(token, nonce, from, cancellationToken);

    public ValueTask<RequestToken?> FindRequestTokenAsync(string token, CancellationToken cancellationToken) =>
        inner.FindRequestTokenAsync(token, cancellationToken);

    public ValueTask<bool> DecideAsync(RequestToken decided, CancellationToken cancellationToken) =>
        inner.DecideAsync(decided, cancellationToken);

    public ValueTask<ExchangeVerdict> ExchangeAsync(TokenExchange exchange, CancellationToken cancellationToken) =>
        inner.ExchangeAsync(exchange, cancellationToken);

    public ValueTask<bool> RememberAsync(OAuthNonce nonce, CancellationToken cancellationToken) =>
        inner.RememberAsync(nonce, cancellationToken);
}
