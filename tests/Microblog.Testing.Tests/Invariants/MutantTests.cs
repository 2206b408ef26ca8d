namespace Microblog.Testing.Tests.Invariants;

/// <summary>A promise that no broken node breaks would prove nothing.</summary>
public sealed class MutantTests
{
    private const int MostSeeds = 40;

    public static IEnumerable<object[]> Names => Mutants.All.Select(one => new object[] { one.Mutant.Name, one.Broken });

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_node_that_is_broken_breaks_its_promise_and_the_seed_replays_it(string name, string broken)
    {
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            var first = await FailureAsync(seed, name);
            if (first?.Message.Contains(broken, StringComparison.Ordinal) != true)
                continue;
            Assert.Contains($"MICROBLOG_SEED={seed}", first.Message, StringComparison.Ordinal);
            Assert.Equal(first.Message, (await FailureAsync(seed, name))?.Message);
            Assert.Equal(first.Message, (await FailureAsync(seed, name))?.Message);
            return;
        }

        Assert.Fail($"A node that {name} went unnoticed with {MostSeeds} seeds.");
    }

    private static async Task<SimulationException?> FailureAsync(int seed, string name)
    {
        try
        {
            await InvariantTests.RunOneAsync(seed, Mutants.All.Single(one => one.Mutant.Name == name).Mutant);
            return null;
        }
        catch (SimulationException e)
        {
            return e;
        }
    }
}
