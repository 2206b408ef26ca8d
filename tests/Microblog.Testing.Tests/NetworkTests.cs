namespace Microblog.Testing.Tests;

public sealed class NetworkTests
{
    [Fact]
    public async Task What_is_published_while_a_node_is_down_arrives_when_it_is_back()
    {
        await using var network = new SimulatedNetwork();
        var here = await network.AddNodeAsync("https://a.example/");
        var there = await network.AddNodeAsync("https://b.example/");
        var ann = await here.JoinAsync("ann");
        var bob = await there.JoinAsync("bob");
        await bob.FollowAsync(ann);

        await there.StopAsync();
        for (var day = 1; day <= 3; day++)
        {
            await ann.PublishAsync($"day {day}");
            await network.AdvanceAsync(TimeSpan.FromDays(1));
        }

        await there.StartAsync();
        Assert.Empty(await bob.HomeAsync());
        await network.SettleAsync(TimeSpan.FromHours(2));
        Assert.Equal(["day 3", "day 2", "day 1"], (await bob.HomeAsync()).Select(entry => entry.Notice.Content));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_same_seed_gives_the_same_run(int seed)
    {
        Assert.Equal(await RunAsync(seed), await RunAsync(seed));
        Assert.NotEqual(await RunAsync(seed), await RunAsync(seed + 1));
    }

    private static async Task<string> RunAsync(int seed)
    {
        await using var network = new SimulatedNetwork(seed);
        var here = await network.AddNodeAsync("https://a.example/");
        var there = await network.AddNodeAsync("https://b.example/");
        var ann = await here.JoinAsync("ann");
        var bob = await there.JoinAsync("bob");
        await bob.FollowAsync(ann);
        network.Faults = new LinkFaults { LostAnswers = 0.2, LostRequests = 0.2, Duplicates = 0.2, Hangs = 0.1, Errors = 0.1, MaxDelay = TimeSpan.FromSeconds(3) };
        (here.CrashChance, here.RestartsAfter) = (0.01, TimeSpan.FromSeconds(5));
        (there.CrashChance, there.RestartsAfter) = (0.01, TimeSpan.FromSeconds(5));
        for (var i = 0; i < 20; i++)
        {
            if (here.IsUp)
            {
                try
                {
                    await ann.PublishAsync($"notice {i}");
                }
                catch (SimulationException)
                {
                    // Killed on the way.
                }
            }

            await network.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        return network.Transcript.ToString();
    }
}
