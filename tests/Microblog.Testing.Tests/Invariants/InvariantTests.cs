namespace Microblog.Testing.Tests.Invariants;

public sealed class InvariantTests
{
    [Fact]
    public async Task X()
    {
        var sw = System.Diagnostics.Stopwatch.StartNew();
        await SimulatedNetwork.ExploreAsync(12, async network => 
        {
            try { await Days.RunAsync(network); } finally {
            Console.WriteLine($"{network.Seed} {sw.Elapsed} steps {network.Steps} exchanges {network.Transcript.Exchanges.Count()} now {network.Now:u} crashes {string.Join(',', network.Nodes.Select(n => n.Crashes))}"); }
        });
    }
}
