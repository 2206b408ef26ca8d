using System.Net;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What leaves the node, and for whom.</summary>
public sealed class AudienceTests
{
    [Fact]
    [Trait("Clause", "OMB-137")]
    public async Task Only_public_and_unlisted_notices_leave_or_stand_at_public_addresses()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        NoticeDraft[] drafts =
        [
            new() { Content = "secret-followers", Visibility = Visibility.Followers },
            new() { Content = "secret-direct @bob", Visibility = Visibility.Direct },
            new() { Content = "secret-local", IsLocalOnly = true },
            new() { Content = "secret-local-unlisted", IsLocalOnly = true, Visibility = Visibility.Unlisted },
            new() { Content = "open-unlisted", Visibility = Visibility.Unlisted },
            new() { Content = "open-public" },
        ];

        var said = new List<Notice>();
        foreach (var draft in drafts)
            said.Add((await node.Node.PublishAsync(alice.Id, draft)).Value);
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 2);
        await node.RestAsync();

        Assert.Equal(["open-unlisted", "open-public"], foreign.Notices.Select(n => n["omb_notice_content"]));
        foreach (var notice in said)
        {
            var isOpen = notice.Content.StartsWith("open", StringComparison.Ordinal);
            foreach (var accept in new[] { "text/html", "application/atom+xml", "application/xrds+xml", "application/json" })
            {
                var (status, body) = await GetAsync(new Uri(notice.Url), accept);
                Assert.Equal(isOpen ? HttpStatusCode.OK : HttpStatusCode.NotFound, status);
                Assert.Equal(isOpen, body.Contains(notice.Content, StringComparison.Ordinal));
            }
        }

        foreach (var page in new[] { "", "alice", "public" })
        {
            foreach (var accept in new[] { "text/html", "application/atom+xml", "application/xrds+xml" })
                Assert.DoesNotContain("secret", (await GetAsync(new Uri(node.BaseUri, page), accept)).Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Clause", "OMB-138")]
    public async Task A_follower_who_waits_for_approval_gets_nothing_and_afterwards_only_what_is_new()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await using var control = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var early = await control.SubscribeAsync(node, "alice", "emil");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { ApprovesFollowers = true });
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        await node.SayAsync(alice, "before");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "before" });
        await Eventually.Async(() => Task.FromResult((control.Notices.Count, control.Updates.Count)), n => n == (1, 1));
        await node.RestAsync();
        Assert.Empty(foreign.Notices);
        Assert.Empty(foreign.Updates);

        var waiting = Assert.Single(await node.SubscribersAsync(alice, SubscriptionState.Requested)).Subscription;
        Assert.True(await node.Node.ApproveAsync(alice.Id, waiting.Id));
        await node.SayAsync(alice, "after");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0);
        await node.RestAsync();

        Assert.Equal(["after"], foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Empty(foreign.Updates);
    }

    [Fact]
    [Trait("Clause", "OMB-138")]
    public async Task A_follower_who_waits_at_a_shared_address_lends_no_token_and_an_approved_one_need_not_ask_again()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");
        using var early = await foreign.SubscribeAsync(node, "alice", "emil");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { ApprovesFollowers = true });
        using var late = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(403), new ForeignAnswer(403));

        await node.SayAsync(alice, "one");
        await Eventually.Async(() => node.SubscribersAsync(alice), s => s.Count == 0);
        await node.RestAsync();
        Assert.Equal(["access2", "access2"], foreign.Notices.Select(n => n["oauth_token"]));

        // Emil's subscription has ended, so he asks like anybody else.
        using var again = await foreign.SubscribeAsync(node, "alice", "emil");
        Assert.Equal(2, (await node.SubscribersAsync(alice, SubscriptionState.Requested)).Count);
        var emil = (await node.SubscribersAsync(alice, SubscriptionState.Requested)).Single(s => s.Other.Nickname == "emil").Subscription;
        await node.Node.ApproveAsync(alice.Id, emil.Id);
        using var renewed = await foreign.SubscribeAsync(node, "alice", "emil");
        Assert.Equal(emil.Id, Assert.Single(await node.SubscribersAsync(alice)).Subscription.Id);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(Uri address, string accept)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        client.DefaultRequestHeaders.Add("Accept", accept);
        using var response = await client.GetAsync(address);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
