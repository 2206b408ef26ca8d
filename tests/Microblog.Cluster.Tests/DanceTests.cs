using Microblog.Federation.Tests;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

public sealed class DanceTests
{
    [ClusterFact]
    [Trait("Clause", "OMB-120")]
    public async Task A_dance_succeeds_in_both_roles_though_every_request_reaches_the_other_process()
    {
        await using var cluster = new TestCluster(PostgresServer.Shared);
        var foreign = cluster.CreateForeign();
        foreign.Launch();
        await cluster.StartAsync("both", "both");
        await foreign.WaitUntilUpAsync();
        using var alice = new Browser(null);
        using var dora = new Browser(null);
        await alice.JoinAsync(cluster.Address, "alice");
        await dora.JoinAsync(foreign.Address, "dora");

        await dora.FollowFromAsync(foreign.Address, "dora", cluster.Address, "alice");
        await alice.FollowFromAsync(cluster.Address, "alice", foreign.Address, "dora");

        await SayAsync(alice, cluster.Address, "from the cluster");
        await SayAsync(dora, foreign.Address, "from elsewhere");
        await Waiting.UntilAsync(() => cluster.ForeignHomeAsync(foreign, "dora"), home => home.Contains("from the cluster"));
        await Waiting.UntilAsync(() => cluster.HomeAsync("alice"), home => home.Contains("from elsewhere"));

        var turns = await Waiting.UntilAsync(() => Task.FromResult(cluster.Balancer.Turns), turns => turns.Any(IsPush));
        var steps = turns.Where(turn => turn.Path.StartsWith("/omb/", StringComparison.Ordinal) && !IsPush(turn)).ToList();
        Assert.Equal(
            ["GET /omb/callback", "POST /omb/request_token", "GET /omb/authorize", "POST /omb/authorize", "POST /omb/access_token"],
            steps.Select(turn => $"{turn.Method} {string.Join('/', turn.Path.Split('/').Take(3))}"));
        Assert.Equal(2, steps.Select(turn => turn.Server).Distinct().Count());
        // The first ones came before the balancer had asked how the processes are.
        var all = turns.SkipWhile(turn => turn.Path != "/join").ToList();
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.NotEqual(pair.First.Server, pair.Second.Server));
        Assert.All(all, turn => Assert.InRange(turn.Status, 200, 399));
    }

    private static bool IsPush(Balancer.Turn turn) => turn.Path.EndsWith("/notice", StringComparison.Ordinal) && turn.Path.StartsWith("/omb/", StringComparison.Ordinal);

    private static async Task SayAsync(Browser browser, Uri node, string content)
    {
        await browser.OpenAsync(new Uri(node, "home"));
        await browser.SubmitAsync(("content", content));
        Assert.Equal(System.Net.HttpStatusCode.OK, browser.Status);
    }
}
