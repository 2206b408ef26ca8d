using System.Text;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microblog.Samples.OAuthProvider;
using Microblog.Testing;

namespace Microblog.Omb.Tests.OAuth;

public sealed class ProviderTests
{
    private const string Origin = "http://p.example";
    private const string Key = "http://c.example/";

    private readonly FakeTimeProvider clock = new(Requests.Now);
    private readonly OAuthOptions options = new() { Realm = "r" };
    private readonly Dictionary<string, OAuthConsumer> agreed = [];
    private readonly InMemoryTokens tokens;
    private readonly OAuthProvider provider;
    private int nonce;

    public ProviderTests()
    {
        tokens = new(key => agreed.GetValueOrDefault(key, OAuthConsumer.Open), clock);
        provider = new(tokens, options, clock);
    }

    [Fact]
    [Trait("Clause", "OAUTH-30")]
    [Trait("Clause", "OAUTH-32")]
    [Trait("Clause", "OAUTH-33")]
    public async Task The_dance_of_10a()
    {
        var temporary = await RequestToken(("oauth_callback", "http://c.example/cb?s=1"));
        Assert.True(temporary.CallbackConfirmed);
        Assert.Matches("^[A-Za-z0-9]{22,32}$", temporary.Credentials.Token);
        Assert.Matches("^[A-Za-z0-9]{22,32}$", temporary.Credentials.Secret);
        var granted = Assert.IsType<Decision.Granted>(await Decide(temporary, null, grant: true));
        var returned = new Uri(granted.ReturnTo!);
        Assert.StartsWith($"http://c.example/cb?s=1&oauth_token={temporary.Credentials.Token}&oauth_verifier=", granted.ReturnTo, StringComparison.Ordinal);
        var access = Token(await Exchange(temporary, returned.Query.Split("oauth_verifier=")[1]));
        Assert.False(access.CallbackConfirmed);
        var accepted = Assert.IsType<ProtectedRequest.Accepted>(await Visit(access.Credentials));
        Assert.Equal("ada", accepted.Token.GrantData);
    }

    [Fact]
    [Trait("Clause", "OAUTH-32")]
    [Trait("Clause", "OAUTH-34")]
    public async Task The_dance_of_10()
    {
        var temporary = await RequestToken();
        Assert.False(temporary.CallbackConfirmed);
        var granted = Assert.IsType<Decision.Granted>(await Decide(temporary, "http://c.example/cb", grant: true));
        Assert.Equal("http://c.example/cb?oauth_token=" + temporary.Credentials.Token, granted.ReturnTo);
        Token(await Exchange(temporary, null));
    }

    [Fact]
    [Trait("Clause", "OAUTH-42")]
    public async Task Out_of_band_shows_the_verifier()
    {
        var temporary = await RequestToken(("oauth_callback", "oob"));
        Assert.True(temporary.CallbackConfirmed);
        var granted = Assert.IsType<Decision.Granted>(await Decide(temporary, null, grant: true));
        Assert.Null(granted.ReturnTo);
        Token(await Exchange(temporary, granted.Verifier));
    }

    [Fact]
    [Trait("Clause", "OAUTH-37")]
    public async Task Version_10_can_be_switched_off()
    {
        var early = await RequestToken();
        options.AcceptOAuth10 = false;
        Problem(await RequestTokenResponse(), 400, "parameter_absent");
        Refused(await provider.FindAuthorizationAsync(early.Credentials.Token, "http://c.example/", default), AuthorizationProblem.Version10IsOff);
        await RequestToken(("oauth_callback", "oob"));
    }

    [Fact]
    [Trait("Clause", "OAUTH-35")]
    public async Task A_10a_token_cannot_be_finished_the_10_way()
    {
        var temporary = await RequestToken(("oauth_callback", "http://c.example/cb"));
        var name = temporary.Credentials.Token;
        Refused(await provider.FindAuthorizationAsync(name, "http://evil.example/", default), AuthorizationProblem.CallbackDiffers);
        await Decide(temporary, "http://c.example/cb", grant: true);
        Problem(await Exchange(temporary, null), 401, "parameter_absent");
    }

    [Fact]
    [Trait("Clause", "OAUTH-33")]
    public async Task A_few_wrong_verifiers_destroy_the_token()
    {
        var temporary = await RequestToken(("oauth_callback", "oob"));
        var granted = Assert.IsType<Decision.Granted>(await Decide(temporary, null, grant: true));
        for (var i = 0; i < 3; i++)
            Problem(await Exchange(temporary, "wrong"), 401, "verifier_invalid");
        Problem(await Exchange(temporary, granted.Verifier), 401, "token_rejected");
    }

    [Theory]
    [Trait("Clause", "OAUTH-36")]
    [InlineData("")]
    [InlineData("javascript:x")]
    [InlineData("http://c.example/#x")]
    [InlineData("OOB")]
    public async Task A_bad_callback_is_refused_at_either_step(string callback)
    {
        Problem(await RequestTokenResponse(("oauth_callback", callback)), 400, "parameter_rejected");
        if (callback.Length > 0)
            Refused(await provider.FindAuthorizationAsync((await RequestToken()).Credentials.Token, callback, default), AuthorizationProblem.BadCallback);
    }

    [Fact]
    [Trait("Clause", "OAUTH-36")]
    public async Task A_callback_on_another_host_than_the_keys_is_told()
    {
        var signed = await RequestToken(("oauth_callback", "http://evil.example/"));
        Assert.True((await Pending(signed, null)).CallbackHostDiffers);
        var unsigned = await RequestToken();
        Assert.True((await Pending(unsigned, "http://evil.example/")).CallbackHostDiffers);
        Assert.False((await Pending(unsigned, "https://C.example:1/")).CallbackHostDiffers);
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task A_request_token_is_exchanged_once_after_the_decision_and_in_time()
    {
        var temporary = await RequestToken(("oauth_callback", "http://c.example/"));
        Problem(await Exchange(temporary, "x"), 401, "permission_unknown");
        var verifier = ((Decision.Granted)await Decide(temporary, null, grant: true)).ReturnTo!.Split("oauth_verifier=")[1];
        Token(await Exchange(temporary, verifier));
        Problem(await Exchange(temporary, verifier), 401, "token_used");

        var denied = await RequestToken();
        Assert.Equal("http://c.example/?oauth_problem=user_refused", Assert.IsType<Decision.Denied>(await Decide(denied, "http://c.example/", grant: false)).ReturnTo);
        Problem(await Exchange(denied, null), 401, "user_refused");

        var late = await RequestToken();
        await Decide(late, null, grant: true);
        clock.Advance(TimeSpan.FromMinutes(30));
        Problem(await Exchange(late, null), 401, "token_expired");
        clock.SetUtcNow(clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Token(await Exchange(late, null));
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task Of_two_exchanges_at_once_exactly_one_succeeds()
    {
        for (var round = 0; round < 50; round++)
        {
            var temporary = await RequestToken();
            await Decide(temporary, null, grant: true);
            var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(async () => await Exchange(temporary, null))));
            Assert.Equal([200, 401], both.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task Only_a_pending_token_can_be_decided()
    {
        Refused(await provider.FindAuthorizationAsync(null, null, default), AuthorizationProblem.NoToken);
        Refused(await provider.FindAuthorizationAsync("unknown", null, default), AuthorizationProblem.UnknownToken);
        var temporary = await RequestToken();
        var pending = await Pending(temporary, null);
        Assert.IsType<Decision.Granted>(await provider.DecideAsync(pending, true, "", default));
        Assert.Equal(AuthorizationProblem.AlreadyDecided, Assert.IsType<Decision.Refused>(await provider.DecideAsync(pending, false, "", default)).Problem);
        Refused(await provider.FindAuthorizationAsync(temporary.Credentials.Token, null, default), AuthorizationProblem.AlreadyDecided);
        var old = await RequestToken();
        clock.Advance(options.RequestTokenLifetime);
        Refused(await provider.FindAuthorizationAsync(old.Credentials.Token, null, default), AuthorizationProblem.Expired);
    }

    [Fact]
    [Trait("Clause", "OAUTH-39")]
    public async Task A_token_serves_its_own_consumer_and_kind_only()
    {
        var temporary = await RequestToken();
        await Decide(temporary, null, grant: true);
        Problem(await Exchange(temporary, null, key: "other"), 401, "token_rejected");
        Assert.Equal(OAuthProblem.TokenRejected, (await Turned(temporary.Credentials, Key)).Problem);
        var access = Token(await Exchange(temporary, null));
        Assert.Equal(OAuthProblem.TokenRejected, (await Turned(access.Credentials, "other")).Problem);
        Problem(await Exchange(access, null), 401, "token_rejected");
    }

    [Fact]
    [Trait("Clause", "OAUTH-31")]
    public async Task Any_key_has_the_empty_secret_and_an_agreed_one_only_its_own()
    {
        await RequestToken();
        Token(await provider.RequestTokenAsync(Signed("/request", new OAuthSigner("no URL at all"), null), null, null, default));
        agreed["c"] = new("agreed");
        Problem(await provider.RequestTokenAsync(Signed("/request", new OAuthSigner("c"), null), null, null, default), 401, "signature_invalid");
        Token(await provider.RequestTokenAsync(Signed("/request", new OAuthSigner("c", "agreed"), null), null, null, default));
        agreed["blocked"] = new("") { Refusal = OAuthProblem.ConsumerKeyRefused };
        Problem(await provider.RequestTokenAsync(Signed("/request", new OAuthSigner("blocked"), null), null, null, default), 503, "consumer_key_refused");
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OAUTH-22")]
    [Trait("Clause", "OAUTH-23")]
    public async Task A_nonce_serves_once_for_each_key_and_time_and_a_wrong_signature_does_not_use_it_up()
    {
        var wrong = new OAuthSigner(Key, "wrong").Sign("POST", new(Origin + "/request"), [], null, new(1234567890, "same"));
        var right = new OAuthSigner(Key).Sign("POST", new(Origin + "/request"), [], null, new(1234567890, "same"));
        Problem(await Send(wrong), 401, "signature_invalid");
        Token(await Send(right));
        Problem(await Send(right), 401, "nonce_used");
        Token(await Send(new OAuthSigner(Key).Sign("POST", new(Origin + "/request"), [], null, new(1234567891, "same"))));
        Token(await Send(new OAuthSigner("other").Sign("POST", new(Origin + "/request"), [], null, new(1234567890, "same"))));

        async Task<NodeResponse> Send(SignedCall call) =>
            await provider.RequestTokenAsync(Requests.Make("POST", call.Url.AbsoluteUri, call.Form), null, null, default);
    }

    [Fact]
    [Trait("Clause", "OAUTH-45")]
    public async Task An_https_provider_gives_no_tokens_by_http()
    {
        var call = new OAuthSigner(Key).Sign("POST", new("https://p.example/request"), [], null, new(1234567890, "n"));
        var insecure = await provider.RequestTokenAsync(Requests.Make("POST", "https://p.example/request", call.Form), null, null, default);
        Assert.Equal(400, insecure.Status);
        Assert.Equal(400, (await provider.AccessTokenAsync(Requests.Make("POST", "https://p.example/access", call.Form), null, default)).Status);
        Token(await provider.RequestTokenAsync(Requests.Make("POST", "https://p.example/request", call.Form, secure: true), null, null, default));
    }

    [Fact]
    [Trait("Clause", "OAUTH-62")]
    public async Task A_revoked_token_is_403_and_only_to_who_knows_its_secret()
    {
        var store = new RevokedTokens(tokens);
        var temporary = await RequestToken();
        await Decide(temporary, null, grant: true);
        var access = Token(await Exchange(temporary, null)).Credentials;
        var revoking = new OAuthProvider(store, options, clock);
        var refused = Assert.IsType<ProtectedRequest.Refused>(await revoking.VerifyAsync(Signed("/me", new OAuthSigner(Key), access), default));
        Assert.Equal((OAuthProblem.TokenRevoked, 403), (refused.Refusal.Problem, refused.Refusal.Status));
        var guess = Signed("/me", new OAuthSigner(Key), new(access.Token, "guess"));
        Assert.Equal(OAuthProblem.SignatureInvalid, Assert.IsType<ProtectedRequest.Refused>(await revoking.VerifyAsync(guess, default)).Refusal.Problem);
    }

    [Fact]
    [Trait("Clause", "OAUTH-60")]
    [Trait("Clause", "OAUTH-41")]
    public async Task A_refusal_names_realm_and_problem_and_no_secret()
    {
        OAuthRefusal? logged = null;
        var call = new OAuthSigner(Key, "hidden").Sign("POST", new(Origin + "/request"), [], null, new(1234567890, "n"));
        var answer = await provider.RequestTokenAsync(Requests.Make("POST", Origin + "/request", call.Form), null, refusal => logged = refusal, default);
        var header = answer.Headers.Single(pair => pair.Key == "WWW-Authenticate").Value;
        Assert.Equal("OAuth realm=\"r\", oauth_problem=\"signature_invalid\"", header);
        Assert.DoesNotContain("hidden", logged!.LogDetail, StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.UnescapeDataString(call.Form.Split("oauth_signature=")[1].Split('&')[0]), logged.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_can_attach_data_add_to_the_answer_or_refuse()
    {
        var request = Signed("/request", new OAuthSigner(Key), null, ("who", "bob"));
        var answer = Token(await provider.RequestTokenAsync(
            request, (parsed, _) => new(new RequestTokenTerms.Agreed(parsed.Field("who").Text!, [new("x", "1 2")])), null, default));
        Assert.Equal("1 2", answer.Field("x").Text);
        Assert.Equal("bob", (await tokens.FindRequestTokenAsync(answer.Credentials.Token, default))!.Data);
        var refused = await provider.RequestTokenAsync(
            Signed("/request", new OAuthSigner(Key), null), (_, _) => new(new RequestTokenTerms.Refused(NodeResponse.Text(400, "no"))), null, default);
        Assert.Equal(400, refused.Status);
    }

    private async Task<TokenResponse> RequestToken(params (string Name, string Value)[] more) => Token(await RequestTokenResponse(more));

    private async Task<NodeResponse> RequestTokenResponse(params (string Name, string Value)[] more) =>
        await provider.RequestTokenAsync(Signed("/request", new OAuthSigner(Key), null, more), null, null, default);

    private async Task<AuthorizationRequest.Pending> Pending(TokenResponse token, string? callback) =>
        Assert.IsType<AuthorizationRequest.Pending>(await provider.FindAuthorizationAsync(token.Credentials.Token, callback, default));

    private async Task<Decision> Decide(TokenResponse token, string? callback, bool grant) =>
        await provider.DecideAsync(await Pending(token, callback), grant, "ada", default);

    private async Task<NodeResponse> Exchange(TokenResponse token, string? verifier, string key = Key) => await provider.AccessTokenAsync(
        Signed("/access", new OAuthSigner(key), token.Credentials, verifier is null ? [] : [("oauth_verifier", verifier)]), null, default);

    private async Task<ProtectedRequest> Visit(TokenCredentials token, string key = Key) =>
        await provider.VerifyAsync(Signed("/me", new OAuthSigner(key), token), default);

    private async Task<OAuthRefusal> Turned(TokenCredentials token, string key) =>
        Assert.IsType<ProtectedRequest.Refused>(await Visit(token, key)).Refusal;

    private NodeRequest Signed(string path, OAuthSigner signer, TokenCredentials? token, params (string Name, string Value)[] more)
    {
        var stamp = new RequestStamp(clock.GetUtcNow().ToUnixTimeSeconds(), "n" + Interlocked.Increment(ref nonce));
        var call = signer.Sign("POST", new(Origin + path), more.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)), token, stamp);
        return Requests.Make("POST", call.Url.AbsoluteUri, call.Form);
    }

    private static TokenResponse Token(NodeResponse response)
    {
        var body = Assert.IsType<NodeBody.Bytes>(response.Body);
        Assert.Equal("application/x-www-form-urlencoded", body.MediaType);
        Assert.True(TokenResponse.TryParse(response.Status, body.Content.Span, out var token), Encoding.ASCII.GetString(body.Content.Span));
        return token;
    }

    private static void Problem(NodeResponse response, int status, string word)
    {
        var body = Assert.IsType<NodeBody.Bytes>(response.Body).Content.Span;
        Assert.Equal((status, word), (response.Status, ProblemReport.Parse([], body).Word));
    }

    private static void Refused(AuthorizationRequest found, AuthorizationProblem problem) =>
        Assert.Equal(problem, Assert.IsType<AuthorizationRequest.Refused>(found).Problem);
}
