using System.Text;
using System.Text.Json.Nodes;
using Microblog.Omb.OAuth;
using Microblog.Tests.Foreign;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>Unrelated libraries say what is right.</summary>
public sealed class OracleTests
{
    private const string Oauthlib = "/usr/bin/python3:oauthlib";

    [ForeignFact(Oauthlib)]
    [Trait("Clause", "OAUTH-2")]
    [Trait("Clause", "OAUTH-4")]
    public async Task Base_strings_and_signatures_equal_those_of_oauthlib_on_1000_random_requests()
    {
        using var oauthlib = ForeignProgram.Start("/usr/bin/python3", "oracle.py");
        var random = new Random(20260101);
        for (var i = 0; i < 1000; i++)
        {
            var (url, form, oauth) = (RandomUrl(random), RandomPairs(random, "p"), RandomOAuth(random));
            var body = Requests.Wire(random.Next(2) == 0 ? [.. form, .. oauth] : form);
            var header = body.Contains("oauth_nonce", StringComparison.Ordinal) ? null : Requests.Header(oauth);
            var (consumerSecret, tokenSecret) = (RandomText(random), RandomText(random));
            var answer = await AskAsync(oauthlib, "POST", url, body, header, consumerSecret, tokenSecret);
            var request = header is null ? Requests.Make("POST", url, body) : Requests.Make("POST", url, body, authorization: header);
            var parsed = Requests.Parse(request, token: TokenUse.Required);
            Assert.Equal((string?)answer["base"], parsed.BaseString());
            var method = parsed.SignatureMethod is SignatureMethod.HmacSha1 ? "hmacSha1" : "hmacSha256";
            var signed = body.Replace("oauth_signature=x", "oauth_signature=" + Uri.EscapeDataString((string)answer[method]!), StringComparison.Ordinal);
            if (header is null)
                Assert.IsType<Verification.Accepted>(Requests.Parse(Requests.Make("POST", url, signed), token: TokenUse.Required).Verify(new(consumerSecret, tokenSecret), Requests.Now));
        }
    }

    [ForeignFact(Oauthlib)]
    [Trait("Clause", "OAUTH-11")]
    public async Task Oauthlib_verifies_what_we_sign()
    {
        using var oauthlib = ForeignProgram.Start("/usr/bin/python3", "oracle.py");
        foreach (var (call, secrets, method) in Signed(anyNames: true))
        {
            var answer = await AskAsync(oauthlib, "POST", call.Url.AbsoluteUri, call.Form, call.Authorization, secrets.Consumer, secrets.Token);
            var expected = (string)answer[method is SignatureMethod.HmacSha1 ? "hmacSha1" : "hmacSha256"]!;
            Assert.Contains(Uri.EscapeDataString(expected), call.Form + call.Authorization + call.Url.Query, StringComparison.Ordinal);
        }
    }

    [ForeignFact("perl:Net::OAuth")]
    [Trait("Clause", "OAUTH-11")]
    public async Task Net_OAuth_verifies_what_we_sign()
    {
        using var perl = ForeignProgram.Start("perl", "oracle.pl");
        foreach (var (call, secrets, method) in Signed(anyNames: false))
        {
            // It reads no signature from a query and has HMAC-SHA1 only; and it sorts finished pairs, which goes wrong when one name is
            // the beginning of another.
            if (method is not SignatureMethod.HmacSha1 || call.Url.Query.Contains("oauth_", StringComparison.Ordinal))
                continue;

            var answer = await AskAsync(perl, "POST", call.Url.AbsoluteUri, call.Form, call.Authorization, secrets.Consumer, secrets.Token);
            Assert.True((bool)answer["verified"]!);
            var wrong = await AskAsync(perl, "POST", call.Url.AbsoluteUri, call.Form, call.Authorization, secrets.Consumer, secrets.Token + "x");
            Assert.False((bool)wrong["verified"]!);
        }
    }

    private static Task<JsonObject> AskAsync(
        ForeignProgram oracle, string method, string url, string body, string? authorization, string consumerSecret, string tokenSecret)
    {
        var headers = new Dictionary<string, string> { ["Content-Type"] = Requests.Form };
        if (authorization is not null)
            headers["Authorization"] = authorization;

        return oracle.AskAsync(new { method, url, headers, body, consumerSecret, tokenSecret });
    }

    private static IEnumerable<(SignedCall Call, OAuthSecrets Secrets, SignatureMethod Method)> Signed(bool anyNames)
    {
        var random = new Random(20260102);
        for (var i = 0; i < 60; i++)
        {
            var secrets = new OAuthSecrets(RandomText(random), RandomText(random));
            var method = i % 2 == 0 ? SignatureMethod.HmacSha1 : SignatureMethod.HmacSha256;
            var signer = new OAuthSigner("http://alpha.example.net/", secrets.Consumer) { Method = method };
            var pairs = RandomPairs(random, "omb_")
                .Select((pair, at) => anyNames ? pair : KeyValuePair.Create("omb_" + (char)('a' + at), pair.Value))
                .DistinctBy(pair => pair.Key);
            var call = signer.Sign(
                "POST", new($"http://p.example:8080/a%20b/{i}"), pairs, new("tok", secrets.Token), RequestStamp.Fresh(Requests.Now), (OAuthPlacement)(i / 2 % 3));
            yield return (call, secrets, method);
        }
    }

    private static List<KeyValuePair<string, string>> RandomOAuth(Random random) =>
    [
        new("oauth_consumer_key", "k" + RandomText(random)),
        new("oauth_token", "t" + random.Next()),
        new("oauth_signature_method", random.Next(2) == 0 ? "HMAC-SHA1" : "HMAC-SHA256"),
        new("oauth_timestamp", "1234567890"),
        new("oauth_nonce", "n" + random.Next()),
        new("oauth_signature", "x"),
    ];

    private static string RandomUrl(Random random)
    {
        string[] origins = ["http://Example.NET", "HTTP://p.example:80", "https://p.example:443", "https://p.example:8443", "http://p.example:443"];
        string[] paths = ["/", "/a%20b", "/A/./../b", "/x;y=z", "/%7Euser/~u", "/a//b"];
        var query = Requests.Wire(RandomPairs(random, "q"));
        return origins[random.Next(origins.Length)] + paths[random.Next(paths.Length)] + (query.Length > 0 ? "?" + query : "");
    }

    private static List<KeyValuePair<string, string>> RandomPairs(Random random, string prefix) =>
        [.. Enumerable.Range(0, random.Next(8)).Select(_ => KeyValuePair.Create(prefix + RandomText(random), RandomText(random)))];

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(12); length > 0; length--)
        {
            var rune = random.Next(4) switch
            {
                0 => random.Next(0x20, 0x7f),
                1 => "abzAZ09-._~ +%&=*'()!,\"\\/"[random.Next(25)],
                2 => random.Next(0xa0, 0xd800),
                _ => random.Next(0x10000, 0x11000),
            };
            text.Append(char.ConvertFromUtf32(rune));
        }

        return text.ToString();
    }
}
