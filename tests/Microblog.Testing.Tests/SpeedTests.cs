using System.Diagnostics;
using Xunit.Abstractions;

namespace Microblog.Testing.Tests;

public sealed class SpeedTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_day_of_four_nodes_takes_seconds()
    {
        var watch = Stopwatch.StartNew();
        await using var network = new SimulatedNetwork(5);
        await FourNodes.RunAsync(network, TimeSpan.FromDays(1));
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.00} s, {network.Steps} steps, {network.Transcript.Exchanges.Count()} exchanges");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
