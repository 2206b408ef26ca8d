using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

public sealed class PropertyTests
{
    private static readonly Config FiveHundred = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Every_parser_survives_100_000_random_and_mutated_requests()
    {
        var call = new OAuthSigner("http://alpha.example.net/").Sign(
            "POST", new("http://p.example/r?a=b"), [new("omb_notice_content", "Grüße + 100%")], new("t", "s"), new(1234567890, "n"));
        var header = new OAuthSigner("k").Sign("POST", new("http://p.example/"), [], new("t", "s"), new(1234567890, "n"), OAuthPlacement.Header);
        var accepted = 0;
        // One seed an input: FsCheck draws them, and its report of a failure names the one to repeat.
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 100; i++)
            {
                var isRandom = random.Next(2) == 0;
                var body = isRandom ? Mutations.Text(random) : Mutations.Mutate(call.Form, random);
                var authorization = isRandom || random.Next(2) == 0 ? Mutations.Text(random) : Mutations.Mutate(header.Authorization!, random);
                var query = random.Next(3) == 0 ? Mutations.Text(random) : "";
                accepted += Survive(body, authorization, query, random.Next(2) == 0) ? 1 : 0;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

        // Else the inputs would be too wild to reach anything.
        Assert.InRange(accepted, 1000, 99_000);
    }

    [Fact]
    [Trait("Clause", "OAUTH-1")]
    [Trait("Clause", "OAUTH-3")]
    public void What_is_signed_verifies_for_arbitrary_text_in_every_place() =>
        Prop.ForAll(Texts(), texts =>
        {
            var pairs = texts.Select((text, i) => KeyValuePair.Create("p" + text, texts[^(i + 1)])).ToList();
            var secrets = new OAuthSecrets(texts[0], texts[^1]);
            foreach (var placement in Enum.GetValues<OAuthPlacement>())
            {
                foreach (var method in (SignatureMethod[])[SignatureMethod.HmacSha1, SignatureMethod.HmacSha256])
                {
                    var signer = new OAuthSigner("http://ä.example/", secrets.Consumer) { Method = method };
                    var call = signer.Sign(
                        "POST", new("http://p.example/x%20y?q=1+2"), pairs, new("t", secrets.Token), new(1234567890, "n"), placement);
                    var request = call.Authorization is null
                        ? Requests.Make("POST", call.Url.AbsoluteUri, call.Form)
                        : Requests.Make("POST", call.Url.AbsoluteUri, call.Form, authorization: call.Authorization);
                    var parsed = Requests.Parse(request, token: TokenUse.Required);
                    Assert.IsType<Verification.Accepted>(parsed.Verify(secrets, Requests.Now));
                    Assert.IsType<Verification.Rejected>(parsed.Verify(new(secrets.Consumer, secrets.Token + "x"), Requests.Now));
                    Assert.All(pairs, pair => Assert.Contains(pair, parsed.Fields()));
                }
            }
        }).Check(FiveHundred);

    [Fact]
    [Trait("Clause", "OAUTH-1")]
    public void The_encoding_is_that_of_the_base_librarys_data_strings() =>
        Prop.ForAll(Texts(), texts => Assert.All(texts, text =>
        {
            var encoded = PercentEncoding.Encode(text);
            Assert.Equal(Uri.EscapeDataString(text), encoded);
            Assert.Equal(text, PercentEncoding.DecodeText(Encoding.ASCII.GetBytes(encoded)));
        })).Check(FiveHundred);

    /// <summary>One to eight texts of well-formed Unicode.</summary>
    private static Arbitrary<string[]> Texts()
    {
        var rune = Gen.OneOf(Gen.Choose(0x20, 0x7e), Gen.Choose(0, 0xd7ff), Gen.Choose(0xe000, 0x10ffff));
        var text = rune.ListOf().Select(runes => string.Concat(runes.Select(char.ConvertFromUtf32)));
        return Gen.Choose(1, 8).SelectMany(count => text.ListOf(count)).Select(texts => texts.ToArray()).ToArbitrary();
    }

    private static bool Survive(string body, string authorization, string query, bool secure)
    {
        var request = Requests.Make(
            "POST", "http://p.example/r?" + query, Encoding.UTF8.GetBytes(body), Requests.Form, secure, authorization.Length == 0 ? [] : [authorization]);
        var parsed = SignedRequest.TryParse(request, new(), TokenUse.Required, out var signed, out var refusal);
        if (parsed)
        {
            signed!.Verify(new("s", "t"), Requests.Now);
            _ = signed.BaseString().Length + signed.Fields().Count();
        }
        else
        {
            Assert.InRange(refusal!.ToResponse("r").Status, 400, 401);
        }

        TokenResponse.TryParse(200, Encoding.UTF8.GetBytes(body), out _);
        var report = ProblemReport.Parse([authorization], Encoding.UTF8.GetBytes(body));
        _ = (report.Problem, report.Advice, report.AcceptableTimestamps, report.Rejects("oauth_callback"));
        if (CallbackUri.TryParse(query, out var callback))
            _ = callback.IsOnHostOf(authorization);

        return parsed;
    }
}
