using System.Net;
using Microblog.Federation.Tests.Consumer;
using Microblog.Federation.Tests.Provider;
using Microblog.Moderation;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests;

/// <summary>What a blocked domain and a suspended person can still do by OMB: nothing.</summary>
public sealed class ModerationTests
{
    private static readonly DateTimeOffset Since = DateTimeOffset.UnixEpoch;

    [Fact]
    [Trait("Clause", "OMB-57")]
    public async Task A_blocked_service_loses_its_grants_and_gets_no_new_ones_until_it_is_let_in_again()
    {
        await using var node = await TestNode.StartAsync();
        using var service = new ForeignService(node);
        using var other = new ForeignService(node, "https://better.example/");
        var (bob, moderation) = (await node.JoinAsync("bob"), node.Services.GetRequiredService<NodeModeration>());
        var (grant, others) = (await service.SubscribeAsync(bob), await other.SubscribeAsync(bob));
        Assert.Equal(200, (await service.PostAsync(grant, "before")).Status);
        var early = await service.GetRequestTokenAsync(bob, service.Callback);

        Assert.Null((await moderation.SetDomainAsync("@root", "good.example", Standing.Suspended, "spam")).Problem);

        Assert.Empty(await node.HomeAsync(bob));
        var refused = await Eventually.Async(() => service.PostAsync(grant, "after"), reply => reply.Status != 200);
        Assert.Equal((403, "token_revoked"), (refused.Status, refused.Problem));
        Assert.Equal(403, (await service.UpdateAsync(grant, ("bio", "x"))).Status);
        var token = await service.SendAsync(service.RequestToken(bob.Uri.Value, service.Callback));
        Assert.Equal(400, token.Status);
        Assert.Contains("exchanges nothing with good.example", token.Body, StringComparison.Ordinal);
        var page = await service.VisitAsync("bob", ForeignService.Authorization(early.Token, bob, service.Alice, service.Callback));
        var decided = await service.DecideAsync("bob", page);
        Assert.Equal(400, decided.Status);
        Assert.Contains("exchanges nothing with good.example", decided.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await other.PostAsync(others, "from elsewhere")).Status);
        Assert.Equal(["from elsewhere"], await node.HomeAsync(bob));

        Assert.True(await moderation.ForgetDomainAsync("@root", "good.example", ""));
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), "again")).Status);
        Assert.Equal("again", (await node.HomeAsync(bob))[0]);
    }

    [Fact]
    [Trait("Clause", "OMB-57")]
    public async Task A_blocked_service_cannot_push_for_people_of_other_hosts_nor_come_back_with_a_dot_behind_its_name()
    {
        await using var node = await TestNode.StartAsync();
        using var service = new ForeignService(node);
        using var dotted = new ForeignService(node, "https://good.example./");
        var (bob, moderation) = (await node.JoinAsync("bob"), node.Services.GetRequiredService<NodeModeration>());
        var grant = await service.SubscribeAsync(bob, new Listenee("https://else.example/user/1", "https://else.example/alice"));
        Assert.Equal(200, (await service.PostAsync(grant, "before")).Status);

        await moderation.SetDomainAsync("@root", "Good.Example.", Standing.Suspended, "spam");

        var refused = await Eventually.Async(() => service.PostAsync(grant, "after"), reply => reply.Status != 200);
        Assert.Equal((403, "token_revoked"), (refused.Status, refused.Problem));
        Assert.Equal(403, (await service.UpdateAsync(grant, ("bio", "x"))).Status);
        Assert.Equal(400, (await dotted.SendAsync(dotted.RequestToken(bob.Uri.Value, dotted.Callback))).Status);
    }

    [Fact]
    public async Task A_node_that_federates_by_list_still_asks_itself()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        await node.Services.GetRequiredService<NodeModeration>().SetModeAsync("@root", FederationMode.AllowList, "");
        Assert.Null((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = new Uri(node.BaseUri, $"user/{bob.Id}/avatar").AbsoluteUri })).Problem);
        Assert.NotNull((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = foreign.ProfileUrl("picture") })).Problem);
        Assert.Empty(foreign.Requests);
    }

    [Fact]
    public async Task A_service_that_is_not_on_the_list_gets_no_grant()
    {
        await using var node = await TestNode.StartAsync();
        using var service = new ForeignService(node);
        using var nameless = new ForeignService(node, "a key of no shape");
        var (bob, moderation) = (await node.JoinAsync("bob"), node.Services.GetRequiredService<NodeModeration>());
        await moderation.SetModeAsync("@root", FederationMode.AllowList, "");
        Assert.Equal(400, (await service.SendAsync(service.RequestToken(bob.Uri.Value, service.Callback))).Status);
        Assert.Equal(400, (await nameless.SendAsync(nameless.RequestToken(bob.Uri.Value, null))).Status);
        await moderation.SetDomainAsync("@root", "good.example", Standing.Good, "");
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), "hello")).Status);
        Assert.Equal(["hello"], await node.HomeAsync(bob));
    }

    [Fact]
    public async Task Nothing_is_asked_of_a_blocked_host_nor_sent_to_it()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var subscribed = await foreign.SubscribeAsync(node, "alice", "dora");
        await node.SayAsync(alice, "before");
        await node.RestAsync();
        var asked = foreign.Requests.Count;

        await BlockLoopbackAsync(node);
        // What a process knows of the rules is a second old at most.
        await Eventually.Async(() => node.SubscribersAsync(alice), subscribers => subscribers.Count == 0);
        await Eventually.Async(
            () => node.Node.SubscribeAsync(alice.Id, foreign.ProfileUrl("dora")),
            result => result is SubscribeResult.Refused { Reason: var reason } && reason.Contains("operator", StringComparison.Ordinal));
        asked = foreign.Requests.Count;

        await node.SayAsync(alice, "after");
        await node.RestAsync();
        using var again = await foreign.SubscribeAsync(node, "alice", "dora");
        Assert.NotEqual(HttpStatusCode.OK, again.Status);
        Assert.Equal(asked, foreign.Requests.Count);
        Assert.Empty(await node.SubscribersAsync(alice));
    }

    [Fact]
    public async Task A_suspended_person_is_not_found_not_heard_and_what_waited_is_not_sent()
    {
        await using var node = await TestNode.StartAsync(options: o => o.Delivery.FirstRetry = TimeSpan.FromMilliseconds(2));
        await using var foreign = new ForeignListener();
        using var service = new ForeignService(node);
        var (alice, moderation) = (await node.JoinAsync("alice"), node.Services.GetRequiredService<NodeModeration>());
        using var subscribed = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Instead = request => request.Path.EndsWith("/notice", StringComparison.Ordinal) ? new ForeignAnswer(503) : null;
        await node.SayAsync(alice, "bad");
        Assert.Null((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "bad" })).Problem);
        await Eventually.Async(() => Task.FromResult(foreign.Notices.Count), count => count > 0);

        await moderation.JudgeAsync("@root", alice.Uri, Standing.Suspended, "");
        await node.RestAsync();
        var sent = foreign.Notices.Count;
        foreign.Instead = _ => null;
        Assert.NotNull((await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "worse" })).Problem);
        Assert.NotNull((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = foreign.ProfileUrl("picture") })).Problem);
        Assert.Empty(foreign.To("/picture"));
        Assert.Equal(sent, foreign.Notices.Count);
        Assert.Empty(foreign.Updates);
        Assert.Empty(await node.FailedAsync());
        Assert.Equal(404, (await service.BrowseAsync(null, "alice")).Status);
        Assert.Equal(400, (await service.SendAsync(service.RequestToken(alice.Uri.Value, service.Callback))).Status);
        Assert.Equal(404, (await service.BrowseAsync(null, "alice/subscribe")).Status);

        await moderation.JudgeAsync("@root", alice.Uri, Standing.Good, "");
        await node.SayAsync(alice, "good");
        await Eventually.Async(() => Task.FromResult(foreign.Notices.Count), count => count == sent + 1);
    }

    [Fact]
    [Trait("Clause", "OMB-57")]
    public async Task A_suspended_remote_person_is_told_that_nobody_listens_any_more_and_cannot_be_followed()
    {
        await using var node = await TestNode.StartAsync();
        using var service = new ForeignService(node);
        var (bob, carol, moderation) = (await node.JoinAsync("bob"), await node.JoinAsync("carol"), node.Services.GetRequiredService<NodeModeration>());
        var (grant, others) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(bob, new Listenee("https://good.example/user/2", "https://good.example/zoe")));
        Assert.Equal(200, (await service.PostAsync(grant, "hidden")).Status);
        await moderation.JudgeAsync("@root", ProfileUri.Parse(service.Alice.Uri), Standing.Suspended, "");
        Assert.Empty(await node.HomeAsync(bob));
        await Eventually.Async(
            () => node.Node.ReadAsync((session, ct) => session.Archive.ListPublishersAsync(bob.Id, SubscriptionState.Active, default, 9, ct)), followed => followed.Count == 1);

        var refused = await service.PostAsync(grant, "after");
        Assert.Equal((403, "token_revoked"), (refused.Status, refused.Problem));
        Assert.Equal(403, (await service.UpdateAsync(grant, ("bio", "x"))).Status);
        Assert.Equal(200, (await service.PostAsync(others, "from somebody else")).Status);
        var decided = await AskAsync();
        Assert.Contains("suspended this person", decided.Body, StringComparison.Ordinal);

        await moderation.JudgeAsync("@root", ProfileUri.Parse(service.Alice.Uri), Standing.Good, "");
        Assert.Equal(["from somebody else", "hidden"], await node.HomeAsync(bob));
        Assert.Equal(403, (await service.PostAsync(grant, "still refused")).Status);
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(carol), "again")).Status);

        async Task<Reply> AskAsync()
        {
            var token = await service.GetRequestTokenAsync(carol, service.Callback);
            var page = await service.VisitAsync("carol", ForeignService.Authorization(token.Token, carol, service.Alice, service.Callback));
            return await service.DecideAsync("carol", page);
        }
    }

    // The node itself lies on this host, so its own pages would refuse to.
    private static async Task BlockLoopbackAsync(TestNode node)
    {
        await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Moderation.SetDomainAsync(new DomainRule("127.0.0.1", Standing.Suspended, Since), ct);
                return true;
            },
            CancellationToken.None);
        node.Services.GetRequiredService<Delivery.DeliverySignal>().Wake();
    }
}
