namespace Microblog.Testing.Tests;

/// <summary>What several tests do.</summary>
internal static class Scenarios
{
    /// <summary>Two nodes, on which bob hears ann.</summary>
    public static async Task<(SimulatedPerson Ann, SimulatedPerson Bob)> FollowAsync(SimulatedNetwork network)
    {
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        await bob.FollowAsync(ann);
        return (ann, bob);
    }

    public static async Task<IEnumerable<string>> ReadAsync(SimulatedPerson person) =>
        (await person.HomeAsync()).Select(entry => entry.Notice.Content).Reverse();

    /// <summary>Publishes, unless the node is killed meanwhile.</summary>
    /// <returns>Whether the node acknowledged it.</returns>
    public static async Task<bool> TryPublishAsync(SimulatedPerson author, string content)
    {
        try
        {
            await author.PublishAsync(content);
            return true;
        }
        catch (SimulationException)
        {
            return false;
        }
    }

    public static async Task FailsWithSomeSeedsAsync(SimulatedNetwork network)
    {
        var (ann, bob) = await FollowAsync(network);
        network.Faults = new LinkFaults { LostAnswers = 0.3 };
        await ann.PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromMinutes(1));
        if (network.Transcript.Exchanges.Count(exchange => exchange.Uri.AbsolutePath.EndsWith("/notice", StringComparison.Ordinal)) > 1)
            throw new InvalidOperationException("It was sent twice.");
        Assert.Equal(["hello"], await ReadAsync(bob));
    }
}
