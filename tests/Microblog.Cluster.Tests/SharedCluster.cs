using Microblog.Federation.Tests;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

/// <summary>A cluster of two processes for all tests of a class, each of which has people of its own. Where it cannot be started the tests are skipped.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private TestCluster? cluster;

    internal Uri Address => cluster!.Address;

    internal Uri One => cluster!.Processes[0].Address;

    internal Uri Other => cluster!.Processes[1].Address;

    /// <summary>Olga, who signed up first.</summary>
    internal Browser Operator { get; } = new(null);

    public async Task InitializeAsync()
    {
        if (new ClusterFactAttribute().Skip is not null)
            return;
        cluster = await StartAsync();
        await Operator.JoinAsync(Address, "olga");
    }

    public async Task DisposeAsync()
    {
        Operator.Dispose();
        if (cluster is not null)
            await cluster.DisposeAsync();
    }

    /// <summary>Somebody who has just signed up and joined, at whichever process.</summary>
    internal async Task<Browser> JoinAsync(string nickname)
    {
        var browser = new Browser(null);
        await browser.JoinAsync(Address, nickname);
        return browser;
    }

    internal Task<IReadOnlyList<string>> QueryAsync(string sql) => cluster!.QueryAsync(sql);

    private static async Task<TestCluster> StartAsync()
    {
        var cluster = new TestCluster(PostgresServer.Shared, "--api:acceptBasic", "true", "--api:acceptBasicWithoutTls", "true");
        await cluster.StartAsync("both", "both");
        return cluster;
    }
}
