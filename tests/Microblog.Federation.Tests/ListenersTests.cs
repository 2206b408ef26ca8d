using System.Net;

namespace Microblog.Federation.Tests;

public sealed class ListenersTests
{
    [Fact]
    [Trait("Clause", "OMB-13")]
    [Trait("Clause", "OMB-60")]
    [Trait("Clause", "OMB-75")]
    public async Task Of_two_listeners_of_one_author_one_leaves_and_the_other_gets_that_very_notice()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var (bob, carol) = (await here.JoinAsync("bob"), await here.JoinAsync("carol"));
        foreach (var listener in new[] { bob, carol })
            await SubscribeAsync(there, alice, listener);

        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "both" });
        await Eventually.Async(async () => (await here.HomeAsync(bob), await here.HomeAsync(carol)), homes => homes is (["both"], ["both"]));

        var heard = (await here.Node.ReadAsync((s, ct) => s.Subscriptions.ListPublishersAsync(bob.Id, null, 10, ct))).Single();
        Assert.True(await here.Node.UnsubscribeAsync(bob.Id, heard.Subscription.Id));
        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "only carol" });
        await Eventually.Async(() => here.HomeAsync(carol), home => home is ["only carol", "both"]);
        await Eventually.Async(
            () => there.Node.ReadAsync((s, ct) => s.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 10, ct)),
            followers => followers.Count == 1);
        Assert.Equal(["both"], await here.HomeAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-66")]
    public async Task The_full_name_of_the_listener_is_a_mention_and_the_bare_nickname_is_somebody_over_there()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var (bob, carol) = (await here.JoinAsync("bob"), await here.JoinAsync("carol"));
        await SubscribeAsync(there, alice, bob);

        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = $"@bob and @carol@{here.BaseUri.Authority}" });
        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = $"@bob@{here.BaseUri.Authority} hello" });
        await Eventually.Async(() => here.HomeAsync(bob), home => home.Count == 2);

        Assert.Equal([$"@bob@{here.BaseUri.Authority} hello"], await MentionsAsync(here, bob));
        Assert.Empty(await MentionsAsync(here, carol));
    }

    private static async Task<IEnumerable<string>> MentionsAsync(TestNode node, Profile person) =>
        (await node.Node.ReadAsync((s, ct) => s.Timelines.MentionsAsync(person.Id, Storage.PageRequest.Newest(10), ct))).Select(e => e.Notice.Content);

    private static async Task SubscribeAsync(TestNode publisherNode, Profile publisher, Profile listener)
    {
        using var browser = new Browser(listener.Nickname);
        await browser.OpenAsync(new Uri(publisherNode.BaseUri, publisher.Nickname + "/subscribe"));
        await browser.SubmitAsync(("profile", listener.Url));
        await browser.SubmitAsync(("decision", "allow"));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }
}
