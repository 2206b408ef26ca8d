using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace Microblog.AspNetCore.Tests.Diagnostics;

public sealed partial class ArrivalProbeTests
{
    [Fact]
    public async Task A_request_that_arrives_as_it_was_sent_is_said_to()
    {
        await using var node = await TestNode.StartAsync("http://notes.example/");
        var answer = await AskAsync(node, "/microblog/arrival?sample=a%2Fb%2Bc+d&empty=", "Host: NOTES.example:80\r\nAuthorization: OAuth a=\"b\"");
        AssertSays(answer, "scheme=same", "forwarded=none", "host=same", "path=same", "escapes=same", "query=same", "authorization=present");
        Assert.Contains("Cache-Control: no-store", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clock_is_the_nodes_own()
    {
        await using var node = await TestNode.StartAsync();
        AssertSays(await AskAsync(node, "/microblog/arrival"), $"clock={new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeSeconds()}");
    }

    [Theory]
    [InlineData("https://notes.example/", "Host: notes.example", "scheme=downgraded", "forwarded=none", "host=same")]
    [InlineData("https://notes.example/", "Host: notes.example\r\nX-Forwarded-Proto: https", "scheme=downgraded", "forwarded=unused", "host=same")]
    [InlineData("http://notes.example/", "Host: 10.0.0.7:5000", "scheme=same", "forwarded=none", "host=rewritten")]
    [InlineData("http://notes.example/", "Host: notes.example:81", "scheme=same", "forwarded=none", "host=rewritten")]
    [InlineData("http://notes.example/", "Host: ", "scheme=same", "forwarded=none", "host=unknown")]
    public async Task Scheme_and_host_are_compared_with_the_base_URI(string baseUri, string headers, params string[] expected)
    {
        await using var node = await TestNode.StartAsync(baseUri);
        AssertSays(await AskAsync(node, "/microblog/arrival", headers), expected);
    }

    [Fact]
    public async Task A_forwarded_header_that_the_application_uses_leaves_nothing_to_say()
    {
        await using var node = await TestNode.StartAsync(pipeline: app => app.UseForwardedHeaders(
            new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost }));
        var answer = await AskAsync(node, "/microblog/arrival", "Host: inside\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: notes.example");
        AssertSays(answer, "scheme=same", "forwarded=none", "host=same");
    }

    [Theory]
    [InlineData(null, "/notes/microblog/arrival", "path=same")]
    [InlineData("", "/microblog/arrival", "path=stripped")]
    [InlineData("/inner", "/inner/microblog/arrival", "path=replaced")]
    public async Task The_path_is_compared_with_the_public_one(string? mapped, string target, string expected)
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/", mapped);
        AssertSays(await AskAsync(node, target), expected);
    }

    [Theory]
    [InlineData("/microblog/arrival", "escapes=same", "query=missing")]
    [InlineData("/microblog/arrival/a%2Fb?sample=a/b%2Bc+d&empty=", "escapes=same", "query=changed")]
    [InlineData("/microblog/arrival/a%2fb", "escapes=changed", "query=missing")]
    public async Task Escapes_and_query_are_compared_with_what_the_doctor_sends(string target, params string[] expected)
    {
        await using var node = await TestNode.StartAsync();
        AssertSays(await AskAsync(node, target), expected);
    }

    [Fact]
    public async Task Whatever_is_asked_it_answers_in_its_own_words_and_repeats_nothing()
    {
        await using var node = await TestNode.StartAsync(web: o => o.RateLimits.Page = null);
        var pieces = Gen.Elements("%", "%2F", "%00", "%C3%28", "..", "?", "#", "&", "=", "<script>", "\u00e9", "sample", "https://evil.example", "\"", ",", ";", " ", "zq");
        var text = pieces.ListOf().Select(string.Concat);
        var request =
            from tail in text
            from host in text
            from name in Gen.Elements("X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Authorization", "X-Original-Host", "Accept")
            from value in text
            select (Tail: tail.Replace(" ", "", StringComparison.Ordinal), Headers: $"Host: {host.Trim()}\r\n{name}: {value}zq");
        Prop.ForAll(request.ToArbitrary(), r => IsOwnWords(AskAsync(node, "/microblog/arrival" + r.Tail, r.Headers).GetAwaiter().GetResult()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static Task<string> AskAsync(TestNode node, string target, string headers = "Host: localhost") =>
        RawHttp.SendAsync(node.Port, $"GET {target} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n");

    private static void AssertSays(string answer, params string[] expected)
    {
        var body = answer.Split("\r\n\r\n", 2)[1];
        Assert.StartsWith("microblog-arrival 1\n", body, StringComparison.Ordinal);
        Assert.All(expected, line => Assert.Contains("\n" + line + "\n", body, StringComparison.Ordinal));
    }

    // Other addresses answer 404, and the server itself refuses noise; neither is ours.
    private static bool IsOwnWords(string answer)
    {
        if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            return !answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && answer.Length > 0;
        var parts = answer.Split("\r\n\r\n", 2);
        return OwnWords().IsMatch(parts[1]) && !answer.Contains("zq", StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(answer) < 1000;
    }

    [GeneratedRegex("""\Amicroblog-arrival 1\nscheme=(same|downgraded|upgraded|unknown)\nforwarded=(none|unused)\nhost=(same|rewritten|unknown)\npath=(same|stripped|replaced|unknown)\nescapes=(same|changed)\nquery=(same|missing|changed)\nauthorization=(present|missing)\nclock=\d+\n\z""")]
    private static partial Regex OwnWords();
}
