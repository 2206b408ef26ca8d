using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class RequestTests
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:99\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: ftp\r\nForwarded: host=evil.example")]
    public async Task A_poisoned_Host_header_changes_nothing(string host)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        foreach (var path in new[] { "/", "/alice", $"/user/{alice.Id}", "/home", "/activity/a", "/ALICE" })
        {
            var good = await RawHttp.SendAsync(node.Port, $"GET {path} HTTP/1.1\r\nHost: notes.example\r\n{TestNode.UserHeader}: alice\r\nConnection: close\r\n\r\n");
            var poisoned = await RawHttp.SendAsync(node.Port, $"GET {path} HTTP/1.1\r\nHost: {host}\r\n{TestNode.UserHeader}: alice\r\nConnection: close\r\n\r\n");
            Assert.DoesNotContain("evil", poisoned, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(WithoutDate(good), WithoutDate(poisoned));
        }
    }

    [Fact]
    public async Task HEAD_answers_like_GET_without_the_body()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        foreach (var path in new[] { "/", "/alice", "/css/microblog.css", "/activity/a", "/nobody" })
        {
            using var get = await node.GetAsync(path);
            using var head = await node.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal(get.StatusCode, head.StatusCode);
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            if (path != "/activity/a")
                Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData("POST", "/home", "GET, HEAD")]
    [InlineData("GET", "/notice", "GET, HEAD")]
    [InlineData("DELETE", "/activity/a", "GET, HEAD, POST")]
    [InlineData("PUT", "/queue/retry", "POST")]
    public async Task A_wrong_method_is_answered_405_with_the_right_ones(string method, string path, string allowed)
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        if (method == "GET")
        {
            // "/notice" takes forms only, but reads like somebody's page, whom nobody can be.
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            return;
        }

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [Trait("Clause", "OMB-50")]
    [InlineData("PUT", "/activity/a", "GET, HEAD, POST")]
    [InlineData("OPTIONS", "/activity/a", "GET, HEAD, POST")]
    public async Task A_fallback_of_the_host_does_not_take_other_methods_of_addresses_for_other_services(string method, string path, string allowed)
    {
        await using var node = await TestNode.StartAsync(pipeline: app => app.MapFallback(context => context.Response.WriteAsync("the host")));
        using var response = await node.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("POST", "/contact")]
    [InlineData("OPTIONS", "/contact")]
    [InlineData("GET", "/far/away/from/here")]
    public async Task What_a_host_takes_elsewhere_stays_its_own(string method, string path)
    {
        await using var node = await TestNode.StartAsync(pipeline: app => app.MapFallback(context => context.Response.WriteAsync("the host")));
        using var response = await node.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal("the host", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_route_for_credentials_does_not_see_the_user_of_the_site()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.PostRawAsync("/activity/a", "alice", ("a", "b"));
        Assert.EndsWith("user= body=a=b", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_fault_is_a_500_that_tells_nothing()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/api/fail");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("on purpose", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_forbid_scripts_frames_and_sniffing()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/search");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-inline", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal(new CacheControlHeaderValue { Private = true, NoCache = true }, response.Headers.CacheControl);
        var html = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_page_that_is_live_permits_scripts_of_this_site_and_has_none_in_itself()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("; script-src 'self'; connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var script = Assert.Single((await response.Content.ReadAsStringAsync()).Split("<script").Skip(1));
        Assert.Matches("^ type=\"module\" src=\"/js/live\\.js\\?v=[0-9a-f]+\"></script>", script);
    }

    [Fact]
    public async Task A_form_that_may_lead_to_another_site_is_allowed_to()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var response = await node.GetAsync("/subscribe", "alice");
        Assert.Contains("form-action 'self' http: https:", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static string WithoutDate(string response) =>
        string.Join('\n', response.Split('\n').Where(l => !l.StartsWith("Date:", StringComparison.Ordinal)));
}
