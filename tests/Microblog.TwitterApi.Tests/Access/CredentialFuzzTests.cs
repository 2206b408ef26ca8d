using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.OAuth;
using Microblog.Storage.InMemory;
using Microblog.Testing;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>Whatever a header, a query and a form say: nobody comes in by it, and nothing breaks.</summary>
public sealed class CredentialFuzzTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private AccessNode node = null!;
    private Credentials credentials = null!;
    private string password = "";

    public async Task InitializeAsync()
    {
        node = new AccessNode(clock, new InMemoryStore(clock), options => options.AcceptBasic = true);
        var alice = await node.JoinAsync("alice");
        credentials = await node.LetInAsync(alice);
        password = (await node.Passwords.MakeAsync(alice.Id, "phone")).Value.Text;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => node.Dispose();

    [Fact]
    public void No_header_made_of_pieces_of_good_ones_is_anybodys()
    {
        var signed = credentials.Sign(clock).Header("Authorization");
        string[] pieces =
        [
            "OAuth ", "Basic ", "basic\t", "Bearer ", .. signed["OAuth ".Length..].Split(", "), "oauth_token=\"", "oauth_signature=\"\"", "oauth_signature_method=\"PLAINTEXT\"",
            "oauth_consumer_key=", ",", "=", "\"", "%", "%zz", "%00", "\\", "\r\n ", "\u00e9", "\ud800", "\uffff", "YWxpY2U6", "YWxpY2U6eA==", "====", ":", "realm=\"x\"",
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"alice:{password}x")), password, new string('a', 3000),
        ];
        var header = Gen.Elements(pieces).ListOf().Select(parts => string.Concat(parts));
        var place = Gen.Elements("header", "query", "form", "all");

        Prop.ForAll(header.Zip(place).ToArbitrary(), pair => NobodyComesIn(pair.Item1, pair.Item2)).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void No_noise_is_anybodys()
    {
        var noise = Gen.Choose(0, 0xffff).Select(code => (char)code).ListOf().Select(characters => string.Concat(characters));

        Prop.ForAll(noise.ToArbitrary(), text => NobodyComesIn(text, "header") && NobodyComesIn("Basic " + text, "header") && NobodyComesIn("OAuth " + text, "all"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void A_good_header_of_which_one_letter_was_changed_is_nobodys()
    {
        var good = credentials.Sign(clock).Header("Authorization");
        var change = Gen.Choose("OAuth ".Length, good.Length - 1).Zip(Gen.Elements("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".ToCharArray()));

        Prop.ForAll(change.ToArbitrary(), pair =>
        {
            var (at, character) = pair;
            // Escapes may be written in lower case.
            var isTheSame = !char.IsAsciiLetterOrDigit(good[at]) || char.ToLowerInvariant(good[at]) == char.ToLowerInvariant(character);
            return isTheSame || NobodyComesIn(good[..at] + character + good[(at + 1)..], "asSigned");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private bool NobodyComesIn(string text, string place)
    {
        var target = "/micro/api/test.json" + (place is "query" or "all" ? "?" + text : "");
        var request = place == "asSigned"
            ? Requests.Of("GET", "/micro/api/test.json?count=5&q=a%20b", text, WireForm.Encode([new("status", "čaj + 1")]))
            : Requests.Of("POST", target, place is "header" or "all" ? text : null, place is "form" or "all" ? text : "");
        return node.FindAsync(request, isWrite: true).GetAwaiter().GetResult().Caller is null;
    }
}
