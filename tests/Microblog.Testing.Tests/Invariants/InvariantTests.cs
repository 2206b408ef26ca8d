namespace Microblog.Testing.Tests.Invariants;

/// <summary>What the network promises holds whatever fails, and each promise can be seen to break.</summary>
public abstract class InvariantTests
{
    /// <summary>Together; tests/soak runs more.</summary>
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("MICROBLOG_SEEDS") ?? "300", System.Globalization.CultureInfo.InvariantCulture);

    private const int Halves = 2;

    protected static async Task RunAsync(int half)
    {
        for (var seed = 1 + half; seed <= Seeds; seed += Halves)
            await RunOneAsync(seed, null);
    }

    internal static async Task RunOneAsync(int seed, Mutant? mutant)
    {
        await using var network = new SimulatedNetwork(seed);
        try
        {
            await Days.RunAsync(network, mutant);
        }
        catch (Exception e)
        {
            throw network.Failure(e);
        }
    }
}

/// <summary>One half of the seeds; the runner runs classes beside each other.</summary>
public sealed class OddSeedTests : InvariantTests
{
    [Fact]
    public Task The_promises_hold_with_every_odd_seed() => RunAsync(half: 0);
}

/// <summary>The other half.</summary>
public sealed class EvenSeedTests : InvariantTests
{
    [Fact]
    public Task The_promises_hold_with_every_even_seed() => RunAsync(half: 1);
}
