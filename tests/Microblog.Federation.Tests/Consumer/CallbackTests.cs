using System.Net;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What comes back with the visitor, and who brings it.</summary>
public sealed class CallbackTests
{
    [Fact]
    [Trait("Clause", "OMB-120")]
    [Trait("Clause", "OAUTH-54")]
    public async Task Another_browser_cannot_end_what_it_did_not_begin()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ConfirmsCallback = false };
        var alice = await node.JoinAsync("alice");
        // The first browser gets as far as the consent page and stays there.
        foreign.Instead = r => r.Path == "/authorize" ? ForeignAnswer.Html("Do you want to?") : null;
        using var attacker = await foreign.SubscribeAsync(node, "alice", "dora");
        var address = new Uri(foreign.To("/authorize")[0].InQuery("oauth_callback")
            + $"?oauth_token=request1&omb_version={ForeignAnswer.Version}&omb_listener_nickname=dora&omb_listener_profile={foreign.ProfileUrl("dora")}");

        using var victim = new Browser(null);
        await victim.OpenAsync(address);
        Assert.Equal(HttpStatusCode.BadRequest, victim.Status);
        // Nor with a cookie of its own.
        await victim.OpenAsync(new Uri(node.BaseUri, "alice/subscribe"));
        await victim.OpenAsync(address);
        Assert.Equal(HttpStatusCode.BadRequest, victim.Status);
        Assert.Empty(await node.SubscribersAsync(alice));
        Assert.Empty(foreign.To("/access"));

        // The right one still can.
        await attacker.OpenAsync(address);
        Assert.Equal(HttpStatusCode.OK, attacker.Status);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OMB-120")]
    public async Task The_callback_counts_once()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        await browser.OpenAsync(browser.Location);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Single(foreign.To("/access"));
    }

    [Fact]
    [Trait("Clause", "OMB-120")]
    public async Task A_callback_that_nobody_waits_for_changes_nothing()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        using var browser = new Browser(null);
        await browser.OpenAsync(new Uri(node.BaseUri, "alice/subscribe"));

        await browser.OpenAsync(new Uri(node.BaseUri, "omb/callback/abcdefghijklmnopqrstuvwxyz012345?oauth_token=request1&omb_version=" + ForeignAnswer.Version));

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(await node.SubscribersAsync(alice));
    }

    [Theory]
    [InlineData("")]
    [InlineData("oauth_problem=user_refused")]
    [InlineData("oauth_token=")]
    [Trait("Clause", "OMB-121")]
    [Trait("Quirk", "Q53")]
    public async Task A_callback_without_a_token_is_a_refusal(string query)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            Returns = _ => query.Length == 0 ? [] : [new(query.Split('=')[0], query.Split('=')[1])],
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("refused", browser.Html, StringComparison.Ordinal);
        Assert.Empty(await node.SubscribersAsync(alice));
        Assert.Empty(foreign.To("/access"));
    }

    [Theory]
    [InlineData("oauth_token", "another")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/0.2")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/0.1/")]
    [InlineData("omb_version", null)]
    [InlineData("oauth_verifier", null)]
    [InlineData("oauth_verifier", "")]
    [InlineData("omb_listener_profile", "javascript:alert(1)")]
    [InlineData("omb_listener_nickname", "do ra")]
    [Trait("Clause", "OMB-120")]
    [Trait("Clause", "OMB-122")]
    [Trait("Clause", "OAUTH-52")]
    public async Task A_callback_that_says_something_wrong_is_refused(string name, string? value)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            Returns = fields => fields.Where(f => f.Key != name).Concat(value is null ? [] : [new KeyValuePair<string, string>(name, value)]),
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(await node.SubscribersAsync(alice));
        Assert.Empty(foreign.To("/access"));
    }

    [Fact]
    [Trait("Clause", "OMB-124")]
    [Trait("Quirk", "Q55")]
    public async Task A_callback_that_says_nothing_of_the_person_leaves_what_discovery_found()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            Returns = fields => fields.Where(f => !f.Key.StartsWith("omb_listener", StringComparison.Ordinal)),
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        var subscriber = Assert.Single(await node.SubscribersAsync(alice)).Other;
        Assert.Equal(foreign.ProfileUrl("dora"), subscriber.Url);
        Assert.NotEmpty(subscriber.Nickname);
    }

    [Fact]
    [Trait("Clause", "OMB-123")]
    [Trait("Quirk", "Q33")]
    [Trait("Quirk", "Q52")]
    public async Task Empty_pairs_and_unknown_parameters_at_the_callback_are_survived()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            Returns = fields => [.. fields, new("omb_listener_license", "x"), new("", "")],
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Single(await node.SubscribersAsync(alice));
    }
}
