using System.Net;
using Microblog.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class OperatorPagesTests
{
    private const string Script = "\"'><script>alert(1)</script>";

    [Theory]
    [InlineData("/operator/checks")]
    [InlineData("/operator/refusals")]
    [InlineData("/operator/refusals/abcd2345")]
    public async Task The_operators_pages_are_for_the_operator_alone(string path)
    {
        await using var node = await TestNode.StartAsync();
        using var nobody = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using var alice = await node.GetAsync(path, "alice");
        Assert.Equal(HttpStatusCode.Forbidden, alice.StatusCode);
        Assert.DoesNotContain("checks", await node.ReadAsync("/", "alice"), StringComparison.Ordinal);
        Assert.Contains("href=\"/operator/checks\"", await node.ReadAsync("/", "root;operator"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_check_says_what_it_found_and_one_that_throws_or_hangs_is_a_finding_as_well()
    {
        await using var node = await TestNode.StartAsync(services: s =>
        {
            // Time has to pass by itself, while the other checks really look.
            s.AddSingleton(TimeProvider.System);
            s.AddSingleton<INodeCheck>(new Check("fine", _ => new(new Finding(Severity.Good, Script))));
            s.AddSingleton<INodeCheck>(new Check("thrower", _ => throw new InvalidOperationException(Script)));
            s.AddSingleton<INodeCheck>(new Check("hanger", _ => new(new TaskCompletionSource<Finding>().Task)));
            s.AddSingleton<INodeCheck>(new Check("last", _ => new(new Finding(Severity.Warning, "look here"))));
        });
        var page = await node.ReadAsync("/operator/checks", "root;operator");
        Assert.Contains("The check itself failed (InvalidOperationException)", page, StringComparison.Ordinal);
        Assert.Contains("No answer within 5 seconds", page, StringComparison.Ordinal);
        Assert.Contains("look here", page, StringComparison.Ordinal);
        Assert.Contains("A write took", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visit_that_is_cancelled_ends_without_a_finding()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<INodeCheck>(new Check("hanger", _ => new(new TaskCompletionSource<Finding>().Task))));
        using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await node.Services.GetRequiredService<NodeCheckup>().RunAsync(gone.Token));
    }

    [Theory]
    [InlineData("https://notes.example/", "notes.example", "", "the base URI is https://notes.example/. Have the proxy send X-Forwarded-Proto")]
    [InlineData("https://notes.example/", "notes.example", "https", "the application does not use it: call app.UseForwardedHeaders")]
    [InlineData("http://notes.example/", "inside:5000", "", "asked for by http at inside:5000, and the base URI is http://notes.example/. Unless you came by a tunnel: Have the proxy pass the host on")]
    [InlineData("http://notes.example/", "notes.example", "", "well")]
    public async Task The_operator_reads_how_this_very_request_arrived(string baseUri, string host, string forwarded, string expected)
    {
        await using var node = await TestNode.StartAsync(baseUri);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/checks");
        request.Headers.Host = host;
        if (forwarded.Length > 0)
            request.Headers.Add("X-Forwarded-Proto", forwarded);
        using var response = await node.SendAsync(request, "root;operator");
        Assert.Contains(expected, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_checks_are_there_as_text_for_the_doctor_one_a_line()
    {
        await using var node = await TestNode.StartAsync(services: s =>
            s.AddSingleton<INodeCheck>(new Check("odd\tname", _ => new(new Finding(Severity.Warning, "two\nlines")))));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/checks") { Headers = { { "Accept", "text/plain" } } };
        using var response = await node.SendAsync(request, "root;operator");
        var lines = (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');
        Assert.Equal("microblog-checks 1", lines[0]);
        Assert.All(lines[1..], line => Assert.Equal(3, line.Split('\t').Length));
        Assert.Contains("Warning\todd name\ttwo lines", lines);
    }

    [Fact]
    public async Task A_refusal_is_looked_up_by_its_reference_and_the_page_says_what_to_change()
    {
        await using var node = await TestNode.StartAsync("http://notes.example/", services: s => s.AddMicroblog().AddOmb());
        using var refused = await node.PostRawAsync("/omb/request_token", null, ("oauth_consumer_key", Script));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var reference = refused.Headers.GetValues("Microblog-Reference").Single();

        Assert.Contains($"href=\"/operator/refusals/{reference}\"", await node.ReadAsync("/operator/refusals", "root;operator"), StringComparison.Ordinal);
        using var found = await node.GetAsync("/operator/refusals?reference=+" + reference, "root;operator");
        Assert.Equal("/operator/refusals/" + reference, found.Headers.Location!.OriginalString);
        var page = await node.ReadAsync("/operator/refusals/" + reference, "root;operator");
        Assert.Contains("POST /omb/request_token, answered with 400", page, StringComparison.Ordinal);
        Assert.Contains("ParameterAbsent", page, StringComparison.Ordinal);
        Assert.Contains("Send the missing parameters", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_peer_of_a_refusal_is_named_as_what_it_calls_itself_and_escaped()
    {
        await using var node = await TestNode.StartAsync("http://notes.example/", services: s => s.AddMicroblog().AddOmb());
        using var refused = await node.PostRawAsync(
            "/omb/request_token",
            null,
            ("oauth_consumer_key", Script),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", $"{node.Clock.GetUtcNow().ToUnixTimeSeconds()}"),
            ("oauth_nonce", "n1"),
            ("oauth_signature", "QUJDREVGR0hJSktMTU5PUFFSU1Q="));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var page = await node.ReadAsync("/operator/refusals/" + refused.Headers.GetValues("Microblog-Reference").Single(), "root;operator");
        Assert.Contains("127.0.0.1, which calls itself", page, StringComparison.Ordinal);
        Assert.Contains("SignatureInvalid", page, StringComparison.Ordinal);
        Assert.Contains("microblog doctor finds out", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("QUJDREVG", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_that_nobody_remembers_is_said_to_be()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/operator/refusals/" + Uri.EscapeDataString(Script), "root;operator");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("does not remember the reference", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("does not remember", await node.ReadAsync("/operator/refusals?reference=%3Cscript", "root;operator"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_form_shows_its_reference_to_the_person()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var refused = await node.PostRawAsync("/notice", "alice", ("content", "x"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var reference = refused.Headers.GetValues("Microblog-Reference").Single();
        Assert.Contains($"<p class=\"hint\">Reference: {reference}</p>", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("The form was too old", await node.ReadAsync("/operator/refusals/" + reference, "root;operator"), StringComparison.Ordinal);
    }

    private sealed class Check(string name, Func<CancellationToken, ValueTask<Finding>> look) : INodeCheck
    {
        public string Name => name;

        public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken) => look(cancellationToken);
    }
}
