using System.Globalization;
using System.Net;
using System.Text;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>Keeps the OAuth provider's tokens in the node's store. Exchanging a token puts its subscription in force.</summary>
internal sealed class OmbTokens(IMicroblogStore store, GrantFinder grants, ISecretProtector protector, IOptions<OmbOptions> options) : IOAuthTokens
{
    /// <summary>The credentials' scope of request tokens.</summary>
    public const string RequestScope = "omb.request";

    /// <summary>The credentials' scope of access tokens.</summary>
    public const string AccessScope = "omb.access";

    // "Expired" and "used" are told for a while after the end.
    private static readonly TimeSpan KeptLonger = TimeSpan.FromHours(1);

    public ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken)
    {
        var consumers = options.Value.Consumers;
        if (consumers.Count == 0)
            return new(OAuthConsumer.Open);
        if (consumers.TryGetValue(consumerKey, out var agreed))
            return new(agreed);
        // Whoever is turned away is so under every spelling of the address.
        var host = ConsumerKeys.HostOf(consumerKey);
        var refused = host.Length == 0 ? null
            : consumers.FirstOrDefault(c => c.Value.Refusal is not null && ConsumerKeys.HostOf(c.Key) == host).Value;
        return new(refused ?? OAuthConsumer.Open);
    }

    public async ValueTask<AddRequestTokenResult> AddRequestTokenAsync(
        RequestToken token, OAuthNonce? nonce, IPAddress? from, CancellationToken cancellationToken)
    {
        // Anybody may ask in any key's name, so a flood from one place must not use up the key's room for others.
        var credential = ToCredential(token) with { Consumer = $"{ClientNetwork.Of(from)} {token.ConsumerKey}" };
        var limit = options.Value.RequestTokensPerConsumer;
        return await store.ExecuteAsync(
            async (session, ct) =>
                !await OmbNonces.RememberAsync(session, nonce, ct).ConfigureAwait(false) ? AddRequestTokenResult.NonceUsed
                : await session.Credentials.AddAsync(credential, limit, ct).ConfigureAwait(false) ? AddRequestTokenResult.Added
                : AddRequestTokenResult.TooMany,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<RequestToken?> FindRequestTokenAsync(string token, CancellationToken cancellationToken) =>
        FromCredential(await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Credentials.FindAsync(RequestScope, token, ct), cancellationToken).ConfigureAwait(false));

    public async ValueTask<bool> DecideAsync(RequestToken decided, CancellationToken cancellationToken)
    {
        var credential = ToCredential(decided);
        return await store.ExecuteAsync(
            (session, ct) => session.Credentials.ReplaceAsync(credential, CredentialState.Pending, ct), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ExchangeVerdict> ExchangeAsync(TokenExchange exchange, CancellationToken cancellationToken)
    {
        var secret = protector.Protect(Encoding.ASCII.GetBytes(exchange.New.Secret));
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (!await OmbNonces.RememberAsync(session, exchange.Nonce, ct).ConfigureAwait(false))
                    return ExchangeVerdict.NonceUsed;
                var credential = await session.Credentials.FindAsync(RequestScope, exchange.Token, ct).ConfigureAwait(false);
                if (FromCredential(credential) is not { } current)
                    return ExchangeVerdict.Unknown;
                var verdict = exchange.Judge(current);
                var next = verdict switch
                {
                    ExchangeVerdict.Issued issued => issued.Used,
                    ExchangeVerdict.Refused refused => refused.Changed,
                    _ => null,
                };
                // Somebody else was faster: what was judged is no longer so.
                if (next is not null && !await session.Credentials.ReplaceAsync(ToCredential(next), credential!.State, ct).ConfigureAwait(false))
                    return new ExchangeVerdict.Refused(new OAuthRefusal(OAuthProblem.TokenUsed, "exchanged meanwhile"), null);
                return verdict is ExchangeVerdict.Issued granted
                    && !await PutInForceAsync(session, granted.Access, secret, ct).ConfigureAwait(false)
                        ? new ExchangeVerdict.Refused(new OAuthRefusal(OAuthProblem.PermissionDenied, "the listener took it back before the exchange"), null)
                        : verdict;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken) =>
        (await grants.FindAsync(token, cancellationToken).ConfigureAwait(false))?.Access;

    public async ValueTask<bool> RememberAsync(OAuthNonce nonce, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => OmbNonces.RememberAsync(session, nonce, ct), cancellationToken).ConfigureAwait(false);

    // A renewed subscription has one token in force, the new one: the other service may have lost the old.
    private static async ValueTask<bool> PutInForceAsync(
        IStoreSession session, AccessToken access, byte[] secret, CancellationToken cancellationToken)
    {
        if (!ConsentRecord.TryParse(access.GrantData, out var consent)
            || await session.Subscriptions.FindAsync(consent.Subscription, cancellationToken).ConfigureAwait(false) is not { } subscription
            || subscription.State == SubscriptionState.Ended)
            return false;
        await session.Credentials.RevokeAsync(subscription.Id, cancellationToken).ConfigureAwait(false);
        await session.Subscriptions.SaveAsync(subscription with { State = SubscriptionState.Active }, cancellationToken).ConfigureAwait(false);
        var credential = new Credential
        {
            Scope = AccessScope,
            Token = access.Credentials.Token,
            ProtectedSecret = secret,
            Consumer = access.ConsumerKey,
            State = CredentialState.Active,
            Person = subscription.Subscriber,
            Subscription = subscription.Id,
        };
        return await session.Credentials.AddAsync(credential, int.MaxValue, cancellationToken).ConfigureAwait(false);
    }

    private Credential ToCredential(RequestToken token) => new()
    {
        Scope = RequestScope,
        Token = token.Credentials.Token,
        // The verifier is as good as a secret, so it is kept like one.
        ProtectedSecret = protector.Protect(Encoding.ASCII.GetBytes($"{token.Credentials.Secret}\n{token.Verifier}")),
        Consumer = token.ConsumerKey,
        State = StateOf(token.State),
        Failures = token.WrongVerifiers,
        Data = KeptForm.Write(
        [
            new("consumer", token.ConsumerKey),
            new("callback", token.Callback),
            new("data", token.Data),
            new("grant", token.GrantData),
            new("expires", token.ExpiresAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        ]),
        Expires = token.ExpiresAt + KeptLonger,
    };

    private RequestToken? FromCredential(Credential? credential)
    {
        if (credential is null || protector.Unprotect(credential.ProtectedSecret.Span) is not { } opened)
            return null;
        var secrets = Encoding.ASCII.GetString(opened).Split('\n');
        var kept = KeptForm.Read(credential.Data);
        return new RequestToken
        {
            Credentials = new TokenCredentials(credential.Token, secrets[0]),
            ConsumerKey = kept("consumer")!,
            Callback = kept("callback"),
            Data = kept("data") ?? "",
            GrantData = kept("grant") ?? "",
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(kept("expires")!, CultureInfo.InvariantCulture)),
            State = StateOf(credential.State),
            Verifier = secrets[1].Length > 0 ? secrets[1] : null,
            WrongVerifiers = credential.Failures,
        };
    }

    private static CredentialState StateOf(RequestTokenState state) => state switch
    {
        RequestTokenState.Pending => CredentialState.Pending,
        RequestTokenState.Granted => CredentialState.Authorized,
        RequestTokenState.Denied => CredentialState.Refused,
        RequestTokenState.Used => CredentialState.Used,
        _ => CredentialState.Revoked,
    };

    private static RequestTokenState StateOf(CredentialState state) => state switch
    {
        CredentialState.Pending => RequestTokenState.Pending,
        CredentialState.Authorized => RequestTokenState.Granted,
        CredentialState.Refused => RequestTokenState.Denied,
        CredentialState.Used => RequestTokenState.Used,
        _ => RequestTokenState.Destroyed,
    };
}
