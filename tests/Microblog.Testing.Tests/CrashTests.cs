namespace Microblog.Testing.Tests;

public sealed class CrashTests
{
    /// <summary>First the publisher's node is killed at its first step, then at its second, and so on, until it lives to the end; then the
    /// subscriber's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whenever_a_node_is_killed_what_it_acknowledged_arrives_exactly_once(bool isPublisher)
    {
        for (var steps = 0; ; steps++)
        {
            await using var network = new SimulatedNetwork(steps);
            var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
            var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
            var victim = isPublisher ? ann.Node : bob.Node;
            victim.RestartsAfter = TimeSpan.FromMinutes(1);
            victim.CrashAfter(steps);

            await FollowAsync(bob, ann);
            var acknowledged = new List<string>();
            foreach (var content in new[] { "one", "two", "three" })
            {
                if (await Scenarios.TryPublishAsync(ann, content))
                    acknowledged.Add(content);
                await network.AdvanceAsync(TimeSpan.FromMinutes(5));
            }

            var died = victim.Crashes;
            victim.CrashAfter(int.MaxValue);
            await network.SettleAsync(TimeSpan.FromHours(2));
            var read = (await Scenarios.ReadAsync(bob)).ToList();
            Assert.True(read.Distinct().Count() == read.Count && acknowledged.TrueForAll(read.Contains), $"{steps} steps: {string.Join(", ", read)}\n{network.Transcript}");
            if (died == 0)
            {
                Assert.Equal(["one", "two", "three"], read);
                Assert.True(steps > 20);
                return;
            }

            Assert.Equal(1, victim.Crashes);
        }
    }

    [Fact]
    public async Task A_killed_node_forgets_nothing_that_was_acknowledged_and_is_down_until_it_is_started()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        var ann = await node.JoinAsync("ann");
        await ann.PublishAsync("hello");
        node.Crash();
        Assert.False(node.IsUp);
        Assert.Equal(1, node.Crashes);
        Assert.Contains("down", (await Assert.ThrowsAsync<SimulationException>(() => ann.PublishAsync("nobody hears"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => ann.Browser.GetAsync(node.BaseUri));
        await node.StartAsync();
        Assert.Equal(["hello"], await Scenarios.ReadAsync(ann));
    }

    [Fact]
    public async Task A_killed_node_starts_again_by_itself_when_it_is_told_to()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        node.RestartsAfter = TimeSpan.FromMinutes(3);
        node.Crash();
        await network.AdvanceAsync(TimeSpan.FromMinutes(3) - TimeSpan.FromTicks(1));
        Assert.False(node.IsUp);
        await network.AdvanceAsync(TimeSpan.FromTicks(1));
        Assert.True(node.IsUp);
    }

    // As a person would: try again when the page did not come.
    private static async Task FollowAsync(SimulatedPerson follower, SimulatedPerson followed)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await follower.FollowAsync(followed);
                return;
            }
            catch (Exception e) when (e is SimulationException or HttpRequestException && tries < 3)
            {
                await follower.Node.Network.AdvanceAsync(TimeSpan.FromMinutes(5));
            }
        }
    }
}
