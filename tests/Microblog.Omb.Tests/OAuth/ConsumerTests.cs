using System.Security.Cryptography;
using System.Text;
using Microblog.Http;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

public sealed class ConsumerTests
{
    [Theory]
    [Trait("Clause", "OAUTH-53")]
    [InlineData("oauth_token=t&oauth_token_secret=s", true)]
    [InlineData("\r\n oauth_token=t&oauth_token_secret=s&xoauth_token_expires=3600\n", true)]
    [InlineData("", false)]
    [InlineData("oauth_token=t", false)]
    [InlineData("oauth_token=&oauth_token_secret=s", false)]
    [InlineData("oauth_token=t&oauth_token_secret=", false)]
    [InlineData("oauth_token=t&oauth_token_secret=s<br>", false)]
    [InlineData("oauth_token=t&oauth_token_secret=s%20x", false)]
    [InlineData("oauth_token=t&oauth_token=u&oauth_token_secret=s", false)]
    [InlineData("<html><body>oauth_token=t&oauth_token_secret=s</body></html>", false)]
    [Trait("Quirk", "Q48")]
    public void A_token_answer_counts_with_both_values_only(string body, bool accepted)
    {
        Assert.Equal(accepted, TokenResponse.TryParse(200, Encoding.ASCII.GetBytes(body), out var response));
        Assert.False(TokenResponse.TryParse(401, Encoding.ASCII.GetBytes(body), out _));
        Assert.False(TokenResponse.TryParse(201, Encoding.ASCII.GetBytes(body), out _));
        if (accepted)
            Assert.Equal(("t", "s", false), (response!.Credentials.Token, response.Credentials.Secret, response.CallbackConfirmed));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("", false)]
    public void The_callback_is_confirmed_by_true_alone(string value, bool confirmed)
    {
        var body = Encoding.ASCII.GetBytes("oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=" + value);
        Assert.True(TokenResponse.TryParse(200, body, out var response));
        Assert.Equal(confirmed, response.CallbackConfirmed);
    }

    [Fact]
    [Trait("Clause", "OAUTH-61")]
    public void What_a_provider_writes_a_consumer_reads_back_from_header_and_from_body()
    {
        var refusal = new OAuthRefusal(OAuthProblem.TimestampRefused, "")
        {
            AcceptableTimestamps = (1, 601),
            Advice = "Set your clock, \"please\" & thanks.",
            Rejected = [new("oauth_callback", "http://x/?a=b&c")],
        };
        var answer = refusal.ToResponse("https://p.example/");
        var header = answer.Headers.Single(pair => pair.Key == "WWW-Authenticate").Value;
        var body = Assert.IsType<Microblog.Http.NodeBody.Bytes>(answer.Body).Content.Span;
        foreach (var report in new[] { ProblemReport.Parse([header], default), ProblemReport.Parse([], body) })
        {
            Assert.Equal(OAuthProblem.TimestampRefused, report.Problem);
            Assert.True(report.IsCuredByFreshStamp);
            Assert.Equal((1, 601), report.AcceptableTimestamps);
            Assert.Equal(refusal.Advice, report.Advice);
            Assert.True(report.Rejects("oauth_callback"));
            Assert.False(report.Rejects("oauth_nonce"));
        }
    }

    [Theory]
    [Trait("Clause", "OAUTH-63")]
    [InlineData(null, "oauth_problem=out_of_cheese", "out_of_cheese")]
    [InlineData("OAuth realm=\"x\", oauth_problem=\"out_of_cheese\"", "", "out_of_cheese")]
    [InlineData("Basic realm=\"x\"", "<html>no</html>", null)]
    [InlineData("OAuth oauth_problem", "", null)]
    [InlineData("", "oauth_acceptable_timestamps=9-1&oauth_acceptable_timestamps=x", null)]
    public void Unknown_problems_are_survived(string? header, string body, string? word)
    {
        var report = ProblemReport.Parse([header], Encoding.ASCII.GetBytes(body));
        Assert.Equal((OAuthProblem.Unknown, word), (report.Problem, report.Word));
        Assert.Null(report.AcceptableTimestamps);
        Assert.False(report.IsCuredByFreshStamp);
    }

    [Fact]
    [Trait("Clause", "OAUTH-62")]
    public void Every_problem_has_its_word_and_only_a_revoked_token_is_403()
    {
        foreach (var problem in Enum.GetValues<OAuthProblem>())
        {
            if (problem.WireWord().Length > 0)
                Assert.Equal(problem, OAuthProblems.Parse(problem.WireWord()));
            Assert.Equal(problem is OAuthProblem.TokenRevoked, problem.Status() == 403);
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-50")]
    [Trait("Quirk", "Q41")]
    [Trait("Quirk", "Q59")]
    public void Everything_is_in_the_body_once_and_the_address_keeps_only_its_own_query()
    {
        var call = new OAuthSigner("k").Sign(
            "POST", new("http://b.example/i.php?action=x#f"), [new("omb_a", "1")], new("t", "s"), RequestStamp.Fresh(Requests.Now));
        Assert.Equal("http://b.example/i.php?action=x", call.Url.AbsoluteUri);
        Assert.Null(call.Authorization);
        var names = call.Form.Split('&').Select(pair => pair.Split('=')[0]).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.DoesNotContain("action", names);
        Assert.Contains("omb_a", names);
        Assert.Contains("oauth_signature", names);
    }

    [Fact]
    [Trait("Clause", "OAUTH-25")]
    public void Stamps_never_repeat()
    {
        var nonces = Enumerable.Range(0, 10_000).Select(_ => RequestStamp.Fresh(Requests.Now).Nonce).ToList();
        Assert.Equal(nonces.Count, nonces.Distinct().Count());
        Assert.All(nonces, nonce => Assert.Matches("^[A-Za-z0-9]{16,32}$", nonce));
    }

    [Theory]
    [InlineData(SignatureMethod.RsaSha1)]
    [InlineData(SignatureMethod.RsaSha256)]
    [Trait("Clause", "OAUTH-8")]
    public void Rsa_signs_and_verifies_and_needs_its_own_key(SignatureMethod method)
    {
        using var rsa = RSA.Create(2048);
        using var other = RSA.Create(2048);
        var signer = new OAuthSigner("k") { Method = method, RsaKey = rsa };
        var call = signer.Sign("POST", new("http://b.example/"), [], null, new(1234567890, "n"));
        var parsed = Requests.Parse(Requests.Make("POST", "http://b.example/", call.Form));
        Assert.IsType<Verification.Accepted>(parsed.Verify(new("") { RsaKey = rsa }, Requests.Now));
        Assert.IsType<Verification.Rejected>(parsed.Verify(new("") { RsaKey = other }, Requests.Now));
        Assert.IsType<Verification.Rejected>(parsed.Verify(new(""), Requests.Now));
        var (one, two) = (method.WireName(), method == SignatureMethod.RsaSha1 ? "RSA-SHA256" : "RSA-SHA1");
        var mislabelled = Requests.Parse(Requests.Make("POST", "http://b.example/", call.Form.Replace(one + "&", two + "&", StringComparison.Ordinal)));
        Assert.NotEqual(method, mislabelled.SignatureMethod);
        Assert.IsType<Verification.Rejected>(mislabelled.Verify(new("") { RsaKey = rsa }, Requests.Now));
    }

    [Fact]
    [Trait("Clause", "OAUTH-8")]
    public void Plaintext_is_never_sent_unencrypted()
    {
        var signer = new OAuthSigner("k", "secret") { Method = SignatureMethod.Plaintext };
        Assert.Throws<ArgumentException>(() => signer.Sign("POST", new("http://b.example/"), [], null, new(1, "n")));
        Assert.Contains("oauth_signature=secret%26", signer.Sign("POST", new("https://b.example/"), [], null, new(1, "n")).Form, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Clause", "OAUTH-36")]
    [InlineData("http://a.example/cb", true)]
    [InlineData("HTTPS://a.example:8443/cb?x=1", true)]
    [InlineData("http://a.example/cb#frag", false)]
    [InlineData("http://a.example/#", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("ftp://a.example/", false)]
    [InlineData("//a.example/", false)]
    [InlineData("/cb", false)]
    [InlineData("http:a.example", false)]
    [InlineData("http://", false)]
    [InlineData("http://user@a.example/", false)]
    [InlineData("http://a.example\\@b.example/", false)]
    [InlineData("http://a.example/ x", false)]
    [InlineData("http://a.example/\r\nSet-Cookie: x", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_callback_is_an_absolute_web_address(string? text, bool accepted) =>
        Assert.Equal(accepted, CallbackUri.TryParse(text, out _));

    [Theory]
    [Trait("Clause", "OAUTH-36")]
    [InlineData("http://A.example/cb", "http://a.example/", true)]
    [InlineData("https://a.example:8443/cb", "http://a.example", true)]
    [InlineData("http://a.example/cb", "a.example", true)]
    [InlineData("http://a.example/cb", "a.example:80", true)]
    [InlineData("http://a.example.evil/cb", "a.example", false)]
    [InlineData("http://evil/?a.example", "http://a.example/", false)]
    [InlineData("http://evil/", "dpf43f3p2l4k3l03", false)]
    [InlineData("http://evil/", "http://evil@a.example/", false)]
    [InlineData("http://evil/", "", false)]
    public void The_callbacks_host_is_compared_with_the_keys(string callback, string key, bool same)
    {
        Assert.True(CallbackUri.TryParse(callback, out var parsed));
        Assert.Equal(same, parsed.IsOnHostOf(key));
    }

    [Theory]
    [InlineData("com.example.app:/Done", "com.example.app:/Done?oauth_token=a%26b")]
    [InlineData("MyApp://Done?X=1", "MyApp://Done?X=1&oauth_token=a%26b")]
    public void A_callback_in_a_scheme_of_ones_own_is_kept_as_it_was_written(string text, string expected)
    {
        Assert.False(CallbackUri.TryParse(text, out _));
        Assert.True(CallbackUri.TryParseOwn(text, out var callback));
        Assert.Equal((expected, text), (callback.With([new("oauth_token", "a&b")]), callback.With([])));
        Assert.Equal((false, "", OwnScheme.Of(text)), (callback.IsWeb, callback.Host, callback.Scheme));
        Assert.False(callback.IsOnHostOf("done"));
        Assert.False(CallbackUri.TryParseOwn("https://a.example/", out _));
    }

    [Fact]
    public void A_callback_keeps_its_query_and_is_fit_for_a_header()
    {
        Assert.True(CallbackUri.TryParse("http://bücher.example/cb/ä?x=1", out var callback));
        Assert.Equal("http://xn--bcher-kva.example/cb/%C3%A4?x=1&oauth_token=a%26b", callback.With([new("oauth_token", "a&b")]));
    }
}
