using Xunit.Abstractions;

namespace Microblog.Cluster.Tests.Chaos;

public sealed class ChaosTests(ITestOutputHelper output)
{
    [ClusterFact]
    public async Task Whatever_fails_every_acknowledged_notice_arrives_once_and_in_order()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MICROBLOG_SEED"), out var given) ? given : Random.Shared.Next(10_000);
        await using var run = new ChaosRun(seed, TimeSpan.FromSeconds(20), output.WriteLine);
        await run.RunAsync();
    }
}
