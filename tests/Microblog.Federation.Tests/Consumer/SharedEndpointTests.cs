using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>Several listeners behind one address, as the old services have it (Q72, Q73).</summary>
public sealed class SharedEndpointTests
{
    [Fact]
    [Trait("Clause", "OMB-131")]
    [Trait("Quirk", "Q72")]
    public async Task A_notice_and_an_update_go_out_once_however_many_share_the_address()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");
        await SubscribeAsync(foreign, node, "dora", "emil", "fred");

        await node.SayAsync(alice, "one");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "new" });
        await node.SayAsync(alice, "two");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 2);
        await node.RestAsync();

        Assert.Equal(["one", "two"], foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Single(foreign.Updates);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    [Trait("Quirk", "Q73")]
    public async Task After_a_403_the_same_notice_goes_out_with_another_token_and_only_that_subscription_ends()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");
        await SubscribeAsync(foreign, node, "dora", "emil");
        foreign.Instead = r => r.Path == "/notice" && r["oauth_token"] == "access2" ? new ForeignAnswer(403, "left") : null;

        var one = await node.SayAsync(alice, "one");
        await node.SayAsync(alice, "two");
        var posts = await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 4);
        await node.RestAsync();

        Assert.Equal(["access2", "access2", "access4", "access4"], foreign.Notices.Select(n => n["oauth_token"]));
        Assert.All(posts.Take(3), p => Assert.Equal(one.Uri.Value, p["omb_notice"]));
        Assert.Equal("access4", Assert.Single(await node.SubscribersAsync(alice)).Subscription.Token);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    public async Task When_no_token_is_left_the_address_hears_nothing_more()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");
        await SubscribeAsync(foreign, node, "dora", "emil");
        foreign.Instead = r => r.Path == "/notice" ? new ForeignAnswer(403, "left") : null;

        await node.SayAsync(alice, "one");
        await node.SayAsync(alice, "two");
        await Eventually.Async(() => node.SubscribersAsync(alice), s => s.Count == 0);
        await node.SayAsync(alice, "three");
        await node.RestAsync();

        Assert.Equal(["access2", "access2", "access4", "access4"], foreign.Notices.Select(n => n["oauth_token"]));
        Assert.All(foreign.Notices, n => Assert.Equal("one", n["omb_notice_content"]));
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task After_a_401_another_token_is_used_and_both_subscriptions_stay()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");
        await SubscribeAsync(foreign, node, "dora", "emil");
        foreign.Instead = r => r.Path == "/notice" && r["oauth_token"] == "access2" ? new ForeignAnswer(401, "oauth_problem=token_rejected") : null;

        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 3);
        await node.RestAsync();

        Assert.Equal(["access2", "access2", "access4"], foreign.Notices.Select(n => n["oauth_token"]));
        Assert.Equal(2, (await node.SubscribersAsync(alice)).Count);
    }

    private static async Task SubscribeAsync(ForeignListener foreign, TestNode node, params string[] people)
    {
        foreach (var person in people)
        {
            using var browser = await foreign.SubscribeAsync(node, "alice", person);
            Assert.Equal(System.Net.HttpStatusCode.OK, browser.Status);
        }
    }
}
