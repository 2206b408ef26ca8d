using System.Net;
using Microblog.Federation;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class PeoplePagesTests
{
    [Fact]
    public async Task Following_and_unfollowing_somebody_here()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        using var followed = await node.PostAsync("/subscribe", "alice", ("target", "@bob@notes.example"));
        Assert.Equal("/following?done=active", followed.Headers.Location!.OriginalString);
        await node.PublishAsync(bob, "heard");
        Assert.Contains("heard", await node.ReadAsync("/home", "alice"), StringComparison.Ordinal);
        Assert.Contains("alice", await node.ReadAsync("/followers", "bob"), StringComparison.Ordinal);

        var subscription = await SubscriptionAsync(node, "alice", bob);
        using var strange = await node.PostAsync("/unsubscribe", "bob", ("id", subscription.Id.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, strange.StatusCode);
        using var ended = await node.PostAsync("/unsubscribe", "alice", ("id", subscription.Id.ToString()));
        Assert.Equal("/following?done=ended", ended.Headers.Location!.OriginalString);
        await node.PublishAsync(bob, "unheard of");
        Assert.DoesNotContain("unheard of", await node.ReadAsync("/home", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-138")]
    public async Task A_follower_waits_for_approval_and_hears_nothing_before()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.UpdateProfileAsync(bob.Id, new ProfileChanges { ApprovesFollowers = true });
        using var asked = await node.PostAsync("/subscribe", "alice", ("target", "bob"));
        Assert.Equal("/following?done=requested", asked.Headers.Location!.OriginalString);
        await node.PublishAsync(bob, "too early");
        Assert.DoesNotContain("too early", await node.ReadAsync("/home", "alice"), StringComparison.Ordinal);
        Assert.Contains("Waiting for your approval", await node.ReadAsync("/followers", "bob"), StringComparison.Ordinal);

        var subscription = await SubscriptionAsync(node, "alice", bob);
        using var strange = await node.PostAsync("/followers/approve", "alice", ("id", subscription.Id.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, strange.StatusCode);
        using var approved = await node.PostAsync("/followers/approve", "bob", ("id", subscription.Id.ToString()));
        Assert.Equal("/followers", approved.Headers.Location!.OriginalString);
        await node.PublishAsync(bob, "in time");
        Assert.Contains("in time", await node.ReadAsync("/home", "alice"), StringComparison.Ordinal);
        using var removed = await node.PostAsync("/followers/remove", "bob", ("id", subscription.Id.ToString()));
        Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        Assert.Equal(SubscriptionState.Ended, (await SubscriptionAsync(node, "alice", bob)).State);
    }

    [Fact]
    public async Task Blocking_ends_what_was_and_unblocking_lets_be()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var followed = await node.PostAsync("/subscribe", "bob", ("target", "alice"));
        using var blocked = await node.PostAsync("/blocks/add", "alice", ("uri", (await node.Node.FindLocalAsync("bob"))!.Uri.Value));
        Assert.Equal("/blocks", blocked.Headers.Location!.OriginalString);
        Assert.Equal(SubscriptionState.Ended, (await SubscriptionAsync(node, "bob", alice)).State);
        using var again = await node.PostAsync("/subscribe", "bob", ("target", "alice"));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("bob", await node.ReadAsync("/blocks", "alice"), StringComparison.Ordinal);
        using var unblocked = await node.PostAsync("/blocks/remove", "alice", ("uri", (await node.Node.FindLocalAsync("bob"))!.Uri.Value));
        using var later = await node.PostAsync("/subscribe", "bob", ("target", "alice"));
        Assert.Equal(HttpStatusCode.SeeOther, later.StatusCode);
        using var self = await node.PostAsync("/blocks/add", "alice", ("uri", alice.Uri.Value));
        Assert.Equal(HttpStatusCode.BadRequest, self.StatusCode);
        using var nobody = await node.PostAsync("/blocks/add", "alice", ("uri", "bob"));
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);
    }

    [Fact]
    public async Task Somebody_elsewhere_is_followed_by_going_on_there()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<IFederationProtocol, ContinueProtocol>());
        await node.JoinAsync("alice");
        using var response = await node.PostAsync("/subscribe", "alice", ("target", "https://else.example/bob"));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("https://else.example/bob/subscribe?from=us", response.Headers.Location!.OriginalString);
        using var refused = await node.PostAsync("/subscribe", "alice", ("target", "https://other.example/<b>"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("not the address", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<Subscription> SubscriptionAsync(TestNode node, string subscriber, Profile publisher)
    {
        var profile = (await node.Node.FindLocalAsync(subscriber))!;
        return (await node.Node.ReadAsync((session, ct) => session.Subscriptions.FindAsync(profile.Id, publisher.Uri, "", ct)))!;
    }

    private sealed class ContinueProtocol : IFederationProtocol
    {
        public string Name => "test";

        public ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken) =>
            new(target.StartsWith("https://else.example/", StringComparison.Ordinal) ? new SubscribeResult.Continue(target + "/subscribe?from=us") : null);

        public ValueTask<IReadOnlyList<Delivery.DeliveryOutcome>> SendAsync(Delivery.LeasedLane lane, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nothing is sent here.");
    }
}
