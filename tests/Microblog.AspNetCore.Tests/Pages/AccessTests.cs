using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class AccessTests
{
    [Fact]
    public async Task Somebody_unknown_is_sent_to_sign_in_and_back_to_where_he_was()
    {
        await using var node = await TestNode.StartAsync(
            "https://site.example/notes/",
            services: s => s.AddAuthentication("cookie").AddCookie("cookie", o => o.LoginPath = "/sign-in"),
            pipeline: app => app.UseAuthentication());
        using var response = await node.GetAsync("/notes/subscribe?target=bob%2Fx&y=%20");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        var location = response.Headers.Location!;
        Assert.Equal("/sign-in", location.AbsolutePath);
        Assert.Equal("?ReturnUrl=" + Uri.EscapeDataString("/notes/subscribe?target=bob%2Fx&y=%20"), location.Query);
    }

    [Fact]
    public async Task A_form_of_somebody_unknown_leads_back_to_the_node_and_changes_nothing()
    {
        await using var node = await TestNode.StartAsync(
            services: s => s.AddAuthentication("cookie").AddCookie("cookie", o => o.LoginPath = "/sign-in"));
        using var response = await node.PostRawAsync("/notice", null, ("content", "x"));
        Assert.Equal("?ReturnUrl=%2F", response.Headers.Location!.Query);
    }

    [Fact]
    public async Task A_site_without_sign_in_says_so()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/home");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Somebody_without_a_profile_is_led_to_join_and_has_none_before()
    {
        await using var node = await TestNode.StartAsync();
        foreach (var path in new[] { "/home", "/mentions", "/followers", "/following", "/settings", "/subscribe", "/blocks", "/invitations", "/groups/mine", "/groups/create", "/group/cats/settings" })
        {
            using var response = await node.GetAsync(path, "carol");
            Assert.Equal("/join", response.Headers.Location!.OriginalString);
        }

        Assert.Null(await node.Node.FindProfileAsync("carol"));
        Assert.Contains("value=\"carol\"", await node.ReadAsync("/join", "carol"), StringComparison.Ordinal);
        using var joined = await node.PostAsync("/join", "carol", ("nickname", "Carol7"));
        Assert.Equal("/home", joined.Headers.Location!.OriginalString);
        Assert.Equal("carol7", (await node.Node.FindProfileAsync("carol"))!.Nickname);
    }

    [Theory]
    [InlineData("alice", "Somebody has")]
    [InlineData("admin", "reserved")]
    [InlineData("123", "letter")]
    [InlineData("<script>", "letters a to z")]
    [Trait("Clause", "OMB-12")]
    public async Task A_nickname_that_cannot_be_is_refused_with_the_reason(string nickname, string reason)
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var response = await node.PostAsync("/join", "carol", ("nickname", nickname));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await node.Node.FindProfileAsync("carol"));
    }

    [Fact]
    public async Task Only_the_operator_sees_the_queue()
    {
        await using var node = await TestNode.StartAsync();
        using var stranger = await node.GetAsync("/queue", "alice");
        using var other = await node.GetAsync("/queue", "alice;editor");
        using var operators = await node.GetAsync("/queue", "alice;operator");
        Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal(HttpStatusCode.OK, operators.StatusCode);
        using var retry = await node.PostAsync("/queue/retry", "alice", ("id", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, retry.StatusCode);
        using var nothing = await node.PostAsync("/queue/retry", "alice;operator", ("id", "1"));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task The_host_decides_who_operates_the_node()
    {
        await using var node = await TestNode.StartAsync(web: o => o.IsOperator = user => user.Identity?.Name == "carol");
        using var carol = await node.GetAsync("/queue", "carol");
        using var role = await node.GetAsync("/queue", "alice;operator");
        Assert.Equal(HttpStatusCode.OK, carol.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, role.StatusCode);
    }
}
