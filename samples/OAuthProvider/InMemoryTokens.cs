using System.Net;
using Microblog.Omb.OAuth;

namespace Microblog.Samples.OAuthProvider;

/// <summary>Tokens and nonces in memory, lost with the process. One lock makes every member atomic.</summary>
internal sealed class InMemoryTokens(Func<string, OAuthConsumer?> consumers, TimeProvider clock) : IOAuthTokens
{
    private const int MaxOutstandingPerConsumer = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, RequestToken> requestTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AccessToken> accessTokens = new(StringComparer.Ordinal);
    private readonly HashSet<OAuthNonce> nonces = [];
    private readonly PriorityQueue<OAuthNonce, DateTimeOffset> forgetting = new();

    public ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken) => new(consumers(consumerKey));

    public ValueTask<AddRequestTokenResult> AddRequestTokenAsync(
        RequestToken token, OAuthNonce? nonce, IPAddress? from, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Sweep();
            if (requestTokens.Values.Count(other => other.ConsumerKey == token.ConsumerKey) >= MaxOutstandingPerConsumer)
                return new(AddRequestTokenResult.TooMany);
            if (!Remember(nonce))
                return new(AddRequestTokenResult.NonceUsed);

            requestTokens.Add(token.Credentials.Token, token);
            return new(AddRequestTokenResult.Added);
        }
    }

    public ValueTask<RequestToken?> FindRequestTokenAsync(string token, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(requestTokens.GetValueOrDefault(token));
    }

    public ValueTask<bool> DecideAsync(RequestToken decided, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var name = decided.Credentials.Token;
            if (!requestTokens.TryGetValue(name, out var current) || current.State is not RequestTokenState.Pending)
                return new(false);

            requestTokens[name] = decided;
            return new(true);
        }
    }

    public ValueTask<ExchangeVerdict> ExchangeAsync(TokenExchange exchange, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!requestTokens.TryGetValue(exchange.Token, out var current))
                return new(ExchangeVerdict.Unknown);
            if (!Remember(exchange.Nonce))
                return new(ExchangeVerdict.NonceUsed);

            var verdict = exchange.Judge(current);
            if (verdict is ExchangeVerdict.Issued issued)
            {
                requestTokens[exchange.Token] = issued.Used;
                accessTokens.Add(issued.Access.Credentials.Token, issued.Access);
            }
            else if (verdict is ExchangeVerdict.Refused { Changed: { } changed })
            {
                requestTokens[exchange.Token] = changed;
            }

            return new(verdict);
        }
    }

    public ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(accessTokens.GetValueOrDefault(token));
    }

    public ValueTask<bool> RememberAsync(OAuthNonce nonce, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(Remember(nonce));
    }

    private bool Remember(OAuthNonce? nonce)
    {
        while (forgetting.TryPeek(out var oldest, out var end) && end <= clock.GetUtcNow())
        {
            nonces.Remove(oldest);
            forgetting.Dequeue();
        }

        if (nonce is null)
            return true;
        if (!nonces.Add(nonce))
            return false;

        forgetting.Enqueue(nonce, nonce.ForgetAfter);
        return true;
    }

    private void Sweep()
    {
        // An hour longer than they live, so that a late consumer learns why.
        var old = requestTokens.Where(pair => pair.Value.ExpiresAt < clock.GetUtcNow().AddHours(-1)).Select(pair => pair.Key).ToList();
        old.ForEach(name => requestTokens.Remove(name));
    }
}
