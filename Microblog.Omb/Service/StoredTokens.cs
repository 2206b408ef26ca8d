using System.Net;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Keeps request tokens and nonces in the node's store. What an access token opens is said by who derives from it.</summary>
/// <param name="store">The node's store.</param>
/// <param name="protector">For secrets and verifiers.</param>
/// <param name="requestScope">The credentials' scope of request tokens.</param>
internal abstract class StoredTokens(IMicroblogStore store, ISecretProtector protector, string requestScope) : IOAuthTokens
{
    private readonly RequestTokenRecord record = new(requestScope, protector);

    /// <summary>Seals the secrets of access tokens.</summary>
    protected ISecretProtector Protector { get; } = protector;

    /// <summary>How many request tokens are kept for one consumer key from one address.</summary>
    protected abstract int RequestTokensPerConsumer { get; }

    public abstract ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken);

    public abstract ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken);

    public async ValueTask<AddRequestTokenResult> AddRequestTokenAsync(
        RequestToken token, OAuthNonce? nonce, IPAddress? from, CancellationToken cancellationToken)
    {
        // Anybody may ask in any key's name, so a flood from one place must not use up the key's room for others.
        var credential = record.Write(token) with { Consumer = $"{ClientNetwork.Of(from)} {token.ConsumerKey}" };
        var limit = RequestTokensPerConsumer;
        return await store.ExecuteAsync(
            async (session, ct) =>
                !await OmbNonces.RememberAsync(session, nonce, ct).ConfigureAwait(false) ? AddRequestTokenResult.NonceUsed
                : await session.Credentials.AddAsync(credential, limit, ct).ConfigureAwait(false) ? AddRequestTokenResult.Added
                : AddRequestTokenResult.TooMany,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<RequestToken?> FindRequestTokenAsync(string token, CancellationToken cancellationToken) =>
        record.Read(await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Credentials.FindAsync(requestScope, token, ct), cancellationToken).ConfigureAwait(false));

    public async ValueTask<bool> DecideAsync(RequestToken decided, CancellationToken cancellationToken)
    {
        var credential = record.Write(decided);
        return await store.ExecuteAsync(
            (session, ct) => session.Credentials.ReplaceAsync(credential, CredentialState.Pending, ct), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ExchangeVerdict> ExchangeAsync(TokenExchange exchange, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => ExchangeAsync(session, exchange, ct), cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> RememberAsync(OAuthNonce nonce, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => OmbNonces.RememberAsync(session, nonce, ct), cancellationToken).ConfigureAwait(false);

    /// <summary>Puts the access token of an exchange in force, in the exchange's transaction.</summary>
    /// <returns>The verdict, perhaps with another token, or why there is none after all.</returns>
    protected abstract ValueTask<ExchangeVerdict> IssueAsync(IStoreSession session, ExchangeVerdict.Issued verdict, CancellationToken cancellationToken);

    private async ValueTask<ExchangeVerdict> ExchangeAsync(IStoreSession session, TokenExchange exchange, CancellationToken cancellationToken)
    {
        if (!await OmbNonces.RememberAsync(session, exchange.Nonce, cancellationToken).ConfigureAwait(false))
            return ExchangeVerdict.NonceUsed;
        var credential = await session.Credentials.FindAsync(requestScope, exchange.Token, cancellationToken).ConfigureAwait(false);
        if (record.Read(credential) is not { } current)
            return ExchangeVerdict.Unknown;
        var verdict = exchange.Judge(current);
        var next = verdict switch
        {
            ExchangeVerdict.Issued issued => issued.Used,
            ExchangeVerdict.Refused refused => refused.Changed,
            _ => null,
        };
        // Somebody else was faster: what was judged is no longer so.
        if (next is not null && !await session.Credentials.ReplaceAsync(record.Write(next), credential!.State, cancellationToken).ConfigureAwait(false))
            return new ExchangeVerdict.Refused(new OAuthRefusal(OAuthProblem.TokenUsed, "exchanged meanwhile"), null);
        return verdict is ExchangeVerdict.Issued granted ? await IssueAsync(session, granted, cancellationToken).ConfigureAwait(false) : verdict;
    }
}
