using Microblog.Policies;
using Microblog.Remote;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microblog.Testing.Tests;

/// <summary>What a node does about the faults.</summary>
public sealed class DeliveryFaultTests
{
    [Fact]
    public async Task A_node_gives_up_a_hanging_connection_by_its_own_time_out_and_sends_again()
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        network.Faults = new LinkFaults { Hangs = 1 };
        await ann.PublishAsync("hello");
        await network.AdvanceAsync(ann.Node.Services.GetRequiredService<IOptions<RemoteOptions>>().Value.Timeout);
        Assert.Contains("the sender gives up", Sent(network)[0].ToString(), StringComparison.Ordinal);

        network.Faults = LinkFaults.None;
        await network.SettleAsync(TimeSpan.FromHours(2));
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task Retry_After_is_obeyed()
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        network.Faults = new LinkFaults { Errors = 1, Statuses = [503], RetryAfter = TimeSpan.FromHours(5) };
        await ann.PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromHours(12));
        var times = Sent(network).Select(exchange => exchange.At).ToList();
        Assert.True(times.Count >= 2);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromHours(5)));

        network.Faults = LinkFaults.None;
        await network.SettleAsync(TimeSpan.FromHours(12));
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task A_node_that_is_stopped_gives_up_what_it_is_sending_and_sends_it_again_and_it_arrives_once()
    {
        await using var network = new SimulatedNetwork(5);
        var (ann, bob) = await Scenarios.FollowAsync(network);
        await PublishSlowlyAsync(network, ann);
        await ann.Node.StopAsync();
        Assert.Contains("the sender gives up", Sent(network)[0].ToString(), StringComparison.Ordinal);
        network.Faults = LinkFaults.None;
        await ann.Node.StartAsync();
        await network.SettleAsync(TimeSpan.FromHours(2));
        Assert.Equal(2, Sent(network).Count);
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task A_node_that_is_stopped_answers_what_came_in_before()
    {
        await using var network = new SimulatedNetwork();
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        var bob = await (await network.AddNodeAsync("https://b.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddSingleton<INoticePolicy, Slow>();
        })).JoinAsync("bob");
        await bob.FollowAsync(ann);
        await ann.PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(Assert.Single(Sent(network)).Statuses);
        await bob.Node.StopAsync();
        Assert.Equal([200], Sent(network)[0].Statuses);
        await bob.Node.StartAsync();
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task A_node_that_is_killed_sends_again_what_was_on_its_way_and_it_arrives_once()
    {
        await using var network = new SimulatedNetwork(5);
        var (ann, bob) = await Scenarios.FollowAsync(network);
        await PublishSlowlyAsync(network, ann);
        ann.Node.Crash();
        network.Faults = LinkFaults.None;
        await ann.Node.StartAsync();
        await network.SettleAsync(TimeSpan.FromHours(2));
        Assert.Equal(2, Sent(network).Count);
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_answers_breaks_the_connection()
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        await network.SettleAsync(TimeSpan.FromHours(1));
        // The node is idle, so the next steps that it takes are those of the request.
        bob.Node.CrashAfter(2);
        await ann.PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.False(bob.Node.IsUp);
        Assert.Contains("the node was killed before it answered", Sent(network)[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_stops_is_down_all_the_same()
    {
        await using var network = new SimulatedNetwork(5);
        var (ann, _) = await Scenarios.FollowAsync(network);
        await PublishSlowlyAsync(network, ann);
        ann.Node.CrashAfter(0);
        await ann.Node.StopAsync();
        Assert.False(ann.Node.IsUp);
        Assert.Equal(1, ann.Node.Crashes);
        await ann.Node.StartAsync();
    }

    private static async Task PublishSlowlyAsync(SimulatedNetwork network, SimulatedPerson author)
    {
        network.Faults = new LinkFaults { MaxDelay = TimeSpan.FromSeconds(5) };
        await author.PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Assert.Empty(Assert.Single(Sent(network)).Statuses);
    }

    private static List<Exchange> Sent(SimulatedNetwork network) =>
        [.. network.Transcript.Exchanges.Where(exchange => exchange.Uri.AbsolutePath.EndsWith("/notice", StringComparison.Ordinal))];

    private sealed class Slow(TimeProvider clock) : INoticePolicy
    {
        public async ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), clock, cancellationToken);
            return null;
        }
    }
}
