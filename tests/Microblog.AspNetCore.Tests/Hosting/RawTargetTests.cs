using Microsoft.AspNetCore.Builder;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class RawTargetTests
{
    private const string Odd = "a%2Fb%7e%C3%bc?x=%41+b&&y=%&z=1%2B1";

    [Fact]
    public async Task The_target_reaches_handlers_as_the_client_wrote_it()
    {
        await using var node = await TestNode.StartAsync();
        var answer = await GetAsync(node, "/activity/" + Odd);
        Assert.Contains("GET https://notes.example /activity/" + Odd + " user=", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absolute_target_counts_without_its_host()
    {
        await using var node = await TestNode.StartAsync();
        var answer = await RawHttp.SendAsync(
            node.Port, "GET http://evil.example/activity/a?b=%20 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        Assert.Contains("GET https://notes.example /activity/a?b=%20 user=", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_below_the_site_sees_the_whole_path()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/");
        Assert.Contains("GET https://site.example /notes/activity/" + Odd + " ", await GetAsync(node, "/notes/activity/" + Odd), StringComparison.Ordinal);
        Assert.Contains("404", await GetAsync(node, "/activity/a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_proxy_strips_is_put_back()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/", path: "");
        Assert.Contains("GET https://site.example /notes/activity/" + Odd + " ", await GetAsync(node, "/activity/" + Odd), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://site.example/app/notes/", "/notes", "/app/notes/activity/")]
    [InlineData("https://site.example/app/", "", "/app/activity/")]
    public async Task What_UsePathBase_takes_away_is_still_there(string baseUri, string path, string expected)
    {
        await using var node = await TestNode.StartAsync(baseUri, path, pipeline: app =>
        {
            app.UsePathBase("/app");
            app.UseRouting();
        });
        Assert.Contains("GET https://site.example " + expected + Odd + " ", await GetAsync(node, expected + Odd), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_may_put_another_path_in_front()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/", path: "/inner");
        Assert.Contains("GET https://site.example /notes/activity/" + Odd + " ", await GetAsync(node, "/inner/activity/" + Odd), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_fixed_by_others_lie_at_the_root_of_the_site()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/");
        Assert.Contains("GET https://site.example /.well-known/echo?a ", await GetAsync(node, "/.well-known/echo?a"), StringComparison.Ordinal);
    }

    private static Task<string> GetAsync(TestNode node, string target) =>
        RawHttp.SendAsync(node.Port, $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}
