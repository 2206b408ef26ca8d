using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What happens when the address of a subscriber is gone.</summary>
public sealed class RediscoveryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Clause", "OAUTH-56")]
    public async Task An_address_that_moved_on_its_own_host_is_found_again_and_nothing_is_lost(bool isShared)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = isShared };
        var alice = await node.JoinAsync("alice");
        using var first = await foreign.SubscribeAsync(node, "alice", "dora");
        using var second = await foreign.SubscribeAsync(node, "alice", "emil");
        var tokens = (await node.SubscribersAsync(alice)).Select(s => s.Subscription.Token).Order(StringComparer.Ordinal).ToList();
        foreign.EndpointPrefix = "/v2";

        foreach (var text in new[] { "one", "two", "three" })
            await node.SayAsync(alice, text);
        await Eventually.Async(
            () => node.SubscribersAsync(alice), all => all.All(s => s.Subscription.Endpoint.StartsWith(foreign.Origin + "/v2/", StringComparison.Ordinal)));
        await node.RestAsync();

        var arrived = foreign.Notices.Where(n => n.Path.StartsWith("/v2/", StringComparison.Ordinal)).ToList();
        foreach (var address in arrived.GroupBy(n => n.Path))
            Assert.Equal(["one", "two", "three"], address.Select(n => n["omb_notice_content"]).Distinct());
        Assert.Equal(isShared ? 1 : 2, arrived.Select(n => n.Path).Distinct().Count());
        Assert.Equal(tokens, (await node.SubscribersAsync(alice)).Select(s => s.Subscription.Token).Order(StringComparer.Ordinal));
        Assert.Empty(await node.FailedAsync());
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task An_address_at_another_host_is_not_followed()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await using var elsewhere = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var before = Assert.Single(await node.SubscribersAsync(alice)).Subscription;
        foreign.EndpointPrefix = "/v2";
        foreign.EndpointOrigin = elsewhere.Origin;

        await node.SayAsync(alice, "one");
        await Eventually.Async(node.FailedAsync, failed => failed.Count == 1);

        Assert.Empty(elsewhere.Requests);
        var after = Assert.Single(await node.SubscribersAsync(alice)).Subscription;
        Assert.Equal(before.Endpoint, after.Endpoint);
        Assert.Equal(before.Token, after.Token);
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_page_that_now_belongs_to_somebody_else_is_not_followed()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { Identifier = _ => "tag:dora.example,2008:1", PersonOf = _ => "dora" };
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.EndpointPrefix = "/v2";
        foreign.Identifier = _ => "tag:dora.example,2008:2";

        await node.SayAsync(alice, "one");
        await Eventually.Async(node.FailedAsync, failed => failed.Count == 1);

        Assert.StartsWith(foreign.Origin + "/dora/", Assert.Single(await node.SubscribersAsync(alice)).Subscription.Endpoint, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_service_that_has_gone_altogether_is_asked_once_and_not_for_every_notice()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var asked = foreign.To("/dora").Count;
        foreign.Instead = _ => new ForeignAnswer(410, "We have closed.");

        foreach (var text in new[] { "one", "two", "three" })
            await node.SayAsync(alice, text);
        await Eventually.Async(node.FailedAsync, failed => failed.Count == 3);

        Assert.Equal(asked + 1, foreign.To("/dora").Count);
        Assert.Equal(3, foreign.Notices.Count);
        Assert.Single(await node.SubscribersAsync(alice));
    }
}
