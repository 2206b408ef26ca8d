using System.Globalization;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>What the network promises holds whatever fails, and each promise can be seen to break.</summary>
public abstract class InvariantTests
{
    /// <summary>The seeds, first and last: one that failed, those that tests/soak names, or three hundred.</summary>
    private static readonly string Seeds = Environment.GetEnvironmentVariable(SimulatedNetwork.SeedVariable) ?? Environment.GetEnvironmentVariable("MICROBLOG_SEEDS") ?? "1-300";

    private const int Halves = 2;

    protected static async Task RunAsync(int half)
    {
        var ends = Seeds.Split('-').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture)).ToList();
        for (var seed = ends[0] + half; seed <= ends[^1]; seed += Halves)
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
public sealed class FirstHalfSeedTests : InvariantTests
{
    [Fact]
    public Task The_promises_hold_with_every_other_seed() => RunAsync(half: 0);
}

/// <summary>The other half.</summary>
public sealed class SecondHalfSeedTests : InvariantTests
{
    [Fact]
    public Task The_promises_hold_with_the_seeds_between() => RunAsync(half: 1);
}
