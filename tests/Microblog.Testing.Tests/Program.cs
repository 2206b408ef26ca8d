using Microblog.Testing;
using Microblog.Testing.Tests;

// What the tests run in a process of its own: the transcript of a seed, or a scenario that fails with some.
Console.OutputEncoding = System.Text.Encoding.UTF8;
if (args is ["transcript", var seed, var length])
{
    await using var network = new SimulatedNetwork(int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture));
    await FourNodes.RunAsync(network, TimeSpan.FromDays(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)));
    Console.Write(network.Transcript);
}
else
{
    try
    {
        await SimulatedNetwork.ExploreAsync(20, Scenarios.FailsWithSomeSeedsAsync, new Progress());
    }
    catch (SimulationException e)
    {
        Console.Write(e.Message);
    }
}

internal sealed class Progress : IProgress<int>
{
    public void Report(int value) => Console.WriteLine($"passed {value}");
}
