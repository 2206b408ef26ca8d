using System.Net;
using Microblog.Federation.Tests;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests.WebSub;

/// <summary>A person's feed, which is sent by the person's log, and the public timeline, which is sent by positions, over several processes.</summary>
public sealed class FeedSendingTests
{
    private static readonly string[] Callbacks = ["alice", "public"];

    [ClusterFact]
    public async Task Whoever_subscribed_at_one_process_is_asked_once_and_sent_once_what_is_written_at_any()
    {
        await using var cluster = new TestCluster(PostgresServer.Shared);
        await cluster.StartAsync("both", "both");
        await using var subscriber = new Subscriber();
        using var alice = new Browser(null);
        await alice.JoinAsync(cluster.Address, "alice");
        await SubscribeAsync(cluster, subscriber);

        string[] written = ["one", "two", "three", "four"];
        foreach (var (text, i) in written.Select((text, i) => (text, i)))
            await WriteAsync(alice, cluster.Processes[(i + 1) % 2], text);

        // A lane goes on only when what went before is settled, so what came twice would have come before the last.
        foreach (var callback in Callbacks)
        {
            await Waiting.UntilAsync(() => Task.FromResult(subscriber.SentTo(callback)), sent => sent.Contains("four"), explain: sent => string.Join(", ", sent));
            Assert.Equal(written, subscriber.SentTo(callback));
        }

        Assert.Equal(Callbacks, subscriber.Questions.Order());
    }

    [ClusterFact]
    public async Task What_a_killed_process_was_sending_comes_again_from_another_with_all_that_follows_in_order()
    {
        await using var cluster = new TestCluster(PostgresServer.Shared);
        await cluster.StartAsync("web", "worker");
        await using var subscriber = new Subscriber();
        using var alice = new Browser(null);
        await alice.JoinAsync(cluster.Address, "alice");
        await SubscribeAsync(cluster, subscriber);

        subscriber.HoldNext();
        await WriteAsync(alice, cluster.Processes[0], "one");
        var held = await subscriber.Held;
        await WriteAsync(alice, cluster.Processes[0], "two");
        var heir = cluster.Create("heir", "worker");
        cluster.Processes.Add(heir);
        await heir.StartAsync();
        await cluster.Processes[1].KillAsync();
        await EndLeasesAsync(cluster);

        foreach (var callback in Callbacks)
        {
            var sent = await Waiting.UntilAsync(
                () => Task.FromResult(subscriber.SentTo(callback)), sent => sent.Contains("two"), explain: sent => string.Join(", ", sent));
            Assert.Equal(["one", "two"], sent.Distinct());
        }

        Assert.Equal(2, subscriber.SentTo(held).Count(text => text == "one"));
    }

    // At the first process; both feeds are JSON.
    private static async Task SubscribeAsync(TestCluster cluster, Subscriber subscriber)
    {
        await subscriber.SubscribeAsync(cluster.Processes[0].Address, new Uri(cluster.Address, "alice/feed.json").AbsoluteUri, "alice");
        await subscriber.SubscribeAsync(cluster.Processes[0].Address, new Uri(cluster.Address, "feed.json").AbsoluteUri, "public");
        await Waiting.UntilAsync(() => cluster.QueryAsync("SELECT topic FROM microblog.hub_subscription"), topics => topics.Count == Callbacks.Length);
    }

    private static async Task WriteAsync(Browser browser, SampleProcess process, string text)
    {
        await browser.OpenAsync(new Uri(process.Address, "home"));
        Assert.Equal(HttpStatusCode.SeeOther, await browser.PostAsync(("content", text)));
    }

    // They end by themselves half a minute after they began, which nobody wants to wait for here.
    private static async Task EndLeasesAsync(TestCluster cluster) => await cluster.QueryAsync(
        """
        WITH ended AS (UPDATE microblog.lane SET leased_until = 1, due_at = 1 WHERE leased_until IS NOT NULL RETURNING destination)
        INSERT INTO microblog.wake (destination, at) SELECT destination, 1 FROM ended RETURNING ''
        """);
}
