using System.Text;
using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>The provider's side of OAuth 1.0 and 1.0a: request token, decision, access token, protected resources.</summary>
/// <remarks>Safe for use by several threads. It logs nothing: refusals carry their detail.</remarks>
/// <param name="tokens">Where tokens and nonces are kept.</param>
/// <param name="options">How strict to be.</param>
/// <param name="clock">The provider's clock.</param>
public sealed class OAuthProvider(IOAuthTokens tokens, OAuthOptions options, TimeProvider clock)
{
    private const int OutOfBandVerifierLength = 8;
    private const int VerifierLength = 20;

    /// <summary>Answers the request token endpoint, by POST or GET (OAUTH-30 to OAUTH-32).</summary>
    /// <param name="request">The request.</param>
    /// <param name="terms">Asked once the signature holds: what to attach, or why not. <see langword="null"/> agrees to all.</param>
    /// <param name="refused">Told of a refusal, for the log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<NodeResponse> RequestTokenAsync(
        NodeRequest request,
        Func<SignedRequest, CancellationToken, ValueTask<RequestTokenTerms>>? terms,
        Action<OAuthRefusal>? refused,
        CancellationToken cancellationToken)
    {
        var (refusal, parsed, consumer) =
            await OpenAsync(request, TokenUse.None, isTokenEndpoint: true, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
            return Refuse(refusal, refused);

        var verification = Verify(parsed!, consumer!, null);
        if (verification is not Verification.Accepted accepted)
            return Refuse(((Verification.Rejected)verification).Refusal, refused);

        var sent = parsed!.Field(OAuthNames.Callback);
        var callback = sent.Text is { Length: > 0 } named ? named : consumer!.Callback?.Text ?? sent.Text;
        if (callback is null && !options.AcceptOAuth10)
            return Refuse(OAuthRefusal.Missing(OAuthNames.Callback) with { Advice = "OAuth 1.0a is required." }, refused);
        if (callback is not null && !IsAcceptable(callback, consumer!))
            return Refuse(OAuthRefusal.Bad(OAuthNames.Callback, "", "bad callback"), refused);

        var answer = terms is null ? RequestTokenTerms.Plain : await terms(parsed, cancellationToken).ConfigureAwait(false);
        if (answer is not RequestTokenTerms.Agreed agreed)
            return ((RequestTokenTerms.Refused)answer).Response;

        var token = new RequestToken
        {
            Credentials = TokenCredentials.Create(),
            ConsumerKey = parsed.ConsumerKey,
            Callback = callback,
            ExpiresAt = clock.GetUtcNow() + options.RequestTokenLifetime,
            Data = agreed.Data,
        };
        return await tokens.AddRequestTokenAsync(token, accepted.Nonce, request.RemoteAddress, cancellationToken).ConfigureAwait(false) switch
        {
            AddRequestTokenResult.Added => Answer(token.Credentials, token.Is10a, agreed.Answer),
            AddRequestTokenResult.NonceUsed => Refuse(NonceUsed(), refused),
            _ => Refuse(
                new(OAuthProblem.ConsumerKeyRefused, "too many request tokens") { Advice = "Too many requests, try later." }, refused),
        };
    }

    /// <summary>Looks up what an authorization address asks for. Nothing changes (OAUTH-34 to OAUTH-36).</summary>
    /// <param name="token">The address's <c>oauth_token</c>.</param>
    /// <param name="callback">The address's <c>oauth_callback</c>, unsigned; <see langword="null"/> when absent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<AuthorizationRequest> FindAuthorizationAsync(string? token, string? callback, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
            return new AuthorizationRequest.Refused(AuthorizationProblem.NoToken);

        var found = await tokens.FindRequestTokenAsync(token, cancellationToken).ConfigureAwait(false);
        if (found is null)
            return new AuthorizationRequest.Refused(AuthorizationProblem.UnknownToken);
        if (found.State is not RequestTokenState.Pending)
            return new AuthorizationRequest.Refused(AuthorizationProblem.AlreadyDecided);
        if (found.ExpiresAt <= clock.GetUtcNow())
            return new AuthorizationRequest.Refused(AuthorizationProblem.Expired);
        if (!found.Is10a && !options.AcceptOAuth10)
            return new AuthorizationRequest.Refused(AuthorizationProblem.Version10IsOff);
        if (found.Is10a && callback is not null && callback != found.Callback)
            return new AuthorizationRequest.Refused(AuthorizationProblem.CallbackDiffers);

        var text = found.Callback ?? callback;
        if (string.IsNullOrEmpty(text) || text == CallbackUri.OutOfBand)
            return new AuthorizationRequest.Pending(found, null, CallbackHostDiffers: false);

        // Whether a scheme of its own is the consumer's was asked when it was signed.
        return CallbackUri.TryParse(text, out var address) || (found.Is10a && CallbackUri.TryParseOwn(text, out address))
            ? new AuthorizationRequest.Pending(found, address, !address.IsOnHostOf(found.ConsumerKey))
            : new AuthorizationRequest.Refused(AuthorizationProblem.BadCallback);
    }

    /// <summary>Records what the person decided, in a POST that the caller has protected against forgery (OAUTH-43).</summary>
    /// <param name="pending">What <see cref="FindAuthorizationAsync"/> found in this same request, from the same token and callback.</param>
    /// <param name="grant">Whether they agreed.</param>
    /// <param name="grantData">Kept with the token: who decided, and on what.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Decision> DecideAsync(
        AuthorizationRequest.Pending pending, bool grant, string grantData, CancellationToken cancellationToken)
    {
        var token = pending.Token;
        var outOfBand = token.Callback == CallbackUri.OutOfBand;
        var verifier = !grant || !token.Is10a ? null
            : outOfBand && options.NumericOutOfBandVerifiers ? RandomText.Digits(OutOfBandVerifierLength)
            : outOfBand ? RandomText.Typeable(OutOfBandVerifierLength)
            : RandomText.Alphanumeric(VerifierLength);
        var decided = token with
        {
            State = grant ? RequestTokenState.Granted : RequestTokenState.Denied,
            Verifier = verifier,
            GrantData = grantData,
        };
        if (!await tokens.DecideAsync(decided, cancellationToken).ConfigureAwait(false))
            return new Decision.Refused(AuthorizationProblem.AlreadyDecided);

        if (!grant)
            return new Decision.Denied(pending.Callback?.With([new(OAuthNames.Problem, OAuthProblem.UserRefused.WireWord())]));

        var returned = new List<KeyValuePair<string, string>> { new(OAuthNames.Token, token.Credentials.Token) };
        if (verifier is not null)
            returned.Add(new(OAuthNames.Verifier, verifier));

        return new Decision.Granted(pending.Callback?.With(returned), outOfBand ? verifier : null);
    }

    /// <summary>Answers the access token endpoint, by POST or GET (OAUTH-33 to OAUTH-39).</summary>
    /// <param name="request">The request.</param>
    /// <param name="refused">Told of a refusal, for the log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<NodeResponse> AccessTokenAsync(
        NodeRequest request, Action<OAuthRefusal>? refused, CancellationToken cancellationToken)
    {
        var (refusal, parsed, consumer) =
            await OpenAsync(request, TokenUse.Required, isTokenEndpoint: true, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
            return Refuse(refusal, refused);

        var token = await tokens.FindRequestTokenAsync(parsed!.Token!, cancellationToken).ConfigureAwait(false);
        if (token is null || token.ConsumerKey != parsed.ConsumerKey)
            return Refuse(new(OAuthProblem.TokenRejected, "no request token of this consumer"), refused);

        var verification = Verify(parsed, consumer!, token.Credentials);
        if (verification is not Verification.Accepted accepted)
            return Refuse(((Verification.Rejected)verification).Refusal, refused);

        var exchange = new TokenExchange
        {
            Token = token.Credentials.Token,
            Nonce = accepted.Nonce,
            ConsumerKey = accepted.ConsumerKey,
            Verifier = parsed.Field(OAuthNames.Verifier),
            Now = clock.GetUtcNow(),
            VerifierAttempts = options.VerifierAttempts,
            New = TokenCredentials.Create(),
        };
        var verdict = await tokens.ExchangeAsync(exchange, cancellationToken).ConfigureAwait(false);
        return verdict is ExchangeVerdict.Issued issued
            ? Answer(issued.Access.Credentials, confirmed: false, [])
            : Refuse(((ExchangeVerdict.Refused)verdict).Refusal, refused);
    }

    /// <summary>Verifies a request to a protected resource. Nothing changes; see <see cref="ProtectedRequest.Accepted"/>.</summary>
    public async ValueTask<ProtectedRequest> VerifyAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var (refusal, parsed, consumer) =
            await OpenAsync(request, TokenUse.Required, isTokenEndpoint: false, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
            return new ProtectedRequest.Refused(refusal);

        var token = await tokens.FindAccessTokenAsync(parsed!.Token!, cancellationToken).ConfigureAwait(false);
        if (token is null || token.ConsumerKey != parsed.ConsumerKey)
            return new ProtectedRequest.Refused(new(OAuthProblem.TokenRejected, "no access token of this consumer"));

        var verification = Verify(parsed, consumer!, token.Credentials);
        if (verification is not Verification.Accepted accepted)
            return new ProtectedRequest.Refused(((Verification.Rejected)verification).Refusal);

        // After the signature: whether a token has lived is told to its owner only.
        return token.IsRevoked
            ? new ProtectedRequest.Refused(new(OAuthProblem.TokenRevoked, "access token revoked"))
            : new ProtectedRequest.Accepted(parsed, token, accepted.Nonce);
    }

    /// <summary>The refusal of a nonce that was used before.</summary>
    public static OAuthRefusal NonceUsed() => new(OAuthProblem.NonceUsed, "nonce used before");

    private static bool IsAcceptable(string callback, OAuthConsumer consumer) =>
        callback == CallbackUri.OutOfBand || CallbackUri.TryParse(callback, out _)
        || (CallbackUri.TryParseOwn(callback, out var own) && own.Scheme == consumer.Callback?.Scheme);

    /// <summary>Everything before the token: transport, parameters, version, method, consumer.</summary>
    private async ValueTask<(OAuthRefusal? Refusal, SignedRequest? Parsed, OAuthConsumer? Consumer)> OpenAsync(
        NodeRequest request, TokenUse use, bool isTokenEndpoint, CancellationToken cancellationToken)
    {
        if (isTokenEndpoint && !request.IsSecure && request.Origin.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            return (new(OAuthProblem.TransportInsecure, "token endpoint by http") { Advice = "Use https." }, null, null);

        if (!SignedRequest.TryParse(request, options, use, out var parsed, out var refusal))
            return (refusal, null, null);

        request.Sender = parsed.ConsumerKey;
        var consumer = await tokens.FindConsumerAsync(parsed.ConsumerKey, cancellationToken).ConfigureAwait(false);
        var problem = consumer is null ? OAuthProblem.ConsumerKeyUnknown : consumer.Refusal;
        return problem is { } reason ? (new(reason, "consumer turned away"), null, null) : (null, parsed, consumer);
    }

    private Verification Verify(SignedRequest parsed, OAuthConsumer consumer, TokenCredentials? token) =>
        parsed.Verify(new(consumer.Secret, token?.Secret ?? "") { RsaKey = consumer.RsaKey }, clock.GetUtcNow());

    private NodeResponse Refuse(OAuthRefusal refusal, Action<OAuthRefusal>? refused)
    {
        refused?.Invoke(refusal);
        return refusal.ToResponse(options.Realm);
    }

    private static NodeResponse Answer(
        TokenCredentials credentials, bool confirmed, IReadOnlyList<KeyValuePair<string, string>> more)
    {
        var pairs = new List<KeyValuePair<string, string>>
        {
            new(OAuthNames.Token, credentials.Token),
            new(OAuthNames.TokenSecret, credentials.Secret),
        };
        if (confirmed)
            pairs.Add(new(OAuthNames.CallbackConfirmed, "true"));

        pairs.AddRange(more);
        return NodeResponse.Bytes(200, WireForm.MediaType, Encoding.ASCII.GetBytes(WireForm.Encode(pairs)))
            .With("Cache-Control", "no-store");
    }
}
