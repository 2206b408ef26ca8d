using System.Diagnostics;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>The queue between publishing and the other services: order, patience, restarts, giving up.</summary>
public sealed class QueueTests
{
    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task A_dead_service_delays_neither_a_living_one_nor_publishing()
    {
        await using var node = await TestNode.StartAsync(options: o =>
        {
            // So few that the dead one would fill them.
            o.Delivery.ParallelLanes = 2;
            o.Delivery.PerDestination = 1;
            o.Delivery.ParallelFailingLanes = 1;
        });
        await using var dead = new ForeignListener { Instead = r => r.Path.EndsWith("/notice", StringComparison.Ordinal) ? ForeignAnswer.Hang : null };
        await using var living = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        foreach (var person in new[] { "a", "b", "c" })
        {
            using var one = await dead.SubscribeAsync(node, "alice", person);
            using var other = await living.SubscribeAsync(node, "alice", person);
        }

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
            await node.SayAsync(alice, $"notice {i}");
        await Eventually.Async(() => Task.FromResult(living.Notices), n => n.Count == 30);

        // The dead one's requests take 20 seconds to time out.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal(3, (await node.WaitingAsync()).Count(lane => dead.Origin.EndsWith(lane.Lane.Destination, StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Clause", "OMB-130")]
    [Trait("Clause", "OMB-133")]
    public async Task Order_and_number_are_kept_over_many_failures()
    {
        await using var node = await TestNode.StartAsync(options: o => o.Delivery.FirstRetry = TimeSpan.FromMilliseconds(2));
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var chance = new Random(20080707);
        var taken = new List<string>();
        foreign.Instead = r =>
        {
            if (!r.Path.EndsWith("/notice", StringComparison.Ordinal))
                return null;
            switch (chance.Next(4))
            {
                case 0:
                    return new ForeignAnswer(503);
                case 1:
                    return ForeignAnswer.Drop;
                default:
                    taken.Add(r["omb_notice_content"]!);
                    return ForeignAnswer.Ok;
            }
        };

        var texts = Enumerable.Range(0, 100).Select(i => $"notice {i}").ToList();
        foreach (var text in texts)
            await node.SayAsync(alice, text);
        await Eventually.Async(node.WaitingAsync, waiting => waiting.Count == 0);

        Assert.Equal(texts, taken);
        Assert.Equal(foreign.Notices.Count, foreign.Notices.Select(n => n["oauth_nonce"]).Distinct().Count());
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task A_node_that_is_stopped_in_the_middle_goes_on_with_its_queue()
    {
        InMemoryStoreHolder store = new();
        await using var foreign = new ForeignListener();
        var texts = Enumerable.Range(0, 30).Select(i => $"notice {i}").ToList();
        Uri address;
        await using (var node = await TestNode.StartAsync(store.Use))
        {
            address = node.BaseUri;
            var alice = await node.JoinAsync("alice");
            using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
            // The tenth is taken, but nobody ever says so.
            foreign.Instead = r => r["omb_notice_content"] == texts[9] ? ForeignAnswer.Hang : null;
            foreach (var text in texts)
                await node.SayAsync(alice, text);
            await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == 10);
        }

        foreign.Instead = _ => null;
        await using var again = await TestNode.StartAsync(store.Use, address: address);
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 31);
        await again.RestAsync();

        // What was settled is not sent again; what was on its way is.
        string[] expected = [.. texts[..10], .. texts[9..]];
        Assert.Equal(expected, foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Equal(foreign.Notices[9]["omb_notice"], foreign.Notices[10]["omb_notice"]);
        Assert.NotEqual(foreign.Notices[9]["oauth_nonce"], foreign.Notices[10]["oauth_nonce"]);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task What_is_deleted_before_it_is_sent_never_leaves()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(503, "later", "text/plain", "Retry-After: 1"));

        await node.SayAsync(alice, "one");
        await Eventually.Async(node.WaitingAsync, w => w is [{ Attempts: 1 }]);
        var regretted = await node.SayAsync(alice, "regretted");
        await node.SayAsync(alice, "two");
        Assert.True(await node.Node.DeleteAsync(alice.Id, regretted.Id));
        await node.RestAsync();

        Assert.Equal(["one", "one", "two"], foreign.Notices.Select(n => n["omb_notice_content"]));
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    [Trait("Quirk", "Q75")]
    public async Task After_the_span_a_delivery_is_given_up_and_listed()
    {
        await using var node = await TestNode.StartAsync(options: o => o.Delivery.GiveUpAfter = TimeSpan.FromMilliseconds(300));
        await using var foreign = new ForeignListener { Instead = r => r.Path.EndsWith("/notice", StringComparison.Ordinal) ? new ForeignAnswer(503) : null };
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var said = await node.SayAsync(alice, "one");
        var failed = Assert.Single(await Eventually.Async(node.FailedAsync, f => f.Count > 0));

        Assert.Equal(said.Id, failed.Event.Notice);
        Assert.Contains("503", failed.Reason, StringComparison.Ordinal);
        Assert.InRange(foreign.Notices.Count, 2, 1_000);
        Assert.Single(await node.SubscribersAsync(alice));

        // By hand it goes out once more.
        foreign.Instead = _ => null;
        Assert.True(await node.Store.ExecuteAsync((session, ct) => session.Deliveries.RetryAsync(failed.Id, ct), CancellationToken.None));
        await Eventually.Async(node.WaitingAsync, waiting => waiting.Count == 0);
        Assert.Equal(said.Uri.Value, foreign.Notices[^1]["omb_notice"]);
        Assert.Empty(await node.FailedAsync());
    }

    /// <summary>One store that outlives its nodes.</summary>
    private sealed class InMemoryStoreHolder
    {
        private readonly Storage.InMemory.InMemoryStore store = new(TimeProvider.System);

        public void Use(MicroblogBuilder builder) => builder.Services.Replace(ServiceDescriptor.Singleton<IMicroblogStore>(store));
    }
}
