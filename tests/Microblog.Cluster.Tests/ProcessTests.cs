using System.Net;
using Microblog.Federation.Tests;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

public sealed class ProcessTests
{
    [ClusterFact]
    public async Task A_process_that_ends_while_it_sends_hands_its_lanes_and_its_slot_back_and_another_goes_on_at_once()
    {
        // A lease lasts two minutes, far longer than anybody waits here.
        await using var cluster = new TestCluster(PostgresServer.Shared);
        var foreign = cluster.CreateForeign();
        foreign.Launch();
        await cluster.StartAsync("both");
        await foreign.WaitUntilUpAsync();
        using var alice = new Browser(null);
        using var dora = new Browser(null);
        await alice.JoinAsync(cluster.Address, "alice");
        await dora.JoinAsync(foreign.Address, "dora");
        await dora.FollowFromAsync(foreign.Address, "dora", cluster.Address, "alice");
        var worker = cluster.Create("worker", "worker");
        cluster.Processes.Add(worker);

        await alice.OpenAsync(new Uri(cluster.Address, "home"));
        foreign.Freeze();
        Assert.Equal(HttpStatusCode.SeeOther, await alice.PostAsync(("content", "one")));
        Assert.Equal(HttpStatusCode.SeeOther, await alice.PostAsync(("content", "two")));
        await Waiting.UntilAsync(
            () => cluster.QueryAsync($"SELECT endpoint FROM microblog.lane WHERE leased_until IS NOT NULL AND endpoint LIKE '{foreign.Address}%'"),
            lanes => lanes.Count > 0);
        await worker.StartAsync();

        Assert.Equal(0, await cluster.Processes[0].TerminateAsync());
        Assert.Equal(["1"], await cluster.QueryAsync("SELECT count(*)::text FROM microblog.writer WHERE holder <> ''"));
        foreign.Thaw();
        await Waiting.UntilAsync(
            () => cluster.ForeignHomeAsync(foreign, "dora"), home => home is ["one", "two"], TimeSpan.FromSeconds(60), home => string.Join(", ", home));
    }

    [ClusterFact]
    public async Task A_worker_answers_nothing_but_whether_it_is_well()
    {
        await using var cluster = new TestCluster(PostgresServer.Shared);
        await cluster.StartAsync("web", "worker");
        using var client = new HttpClient { BaseAddress = cluster.Processes[1].Address };
        foreach (var path in new[] { "", "home", "account/sign-in", "omb/request_token" })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("health")).StatusCode);
    }

    [ClusterFact]
    public async Task A_process_with_another_key_ring_refuses_to_start_and_leaves_the_nodes_keys_alone()
    {
        await using var cluster = new TestCluster(PostgresServer.Shared);
        await cluster.StartAsync("both");
        using var alice = new Browser(null);
        await alice.JoinAsync(cluster.Address, "alice");
        await alice.OpenAsync(new Uri(cluster.Address, "home"));

        var stranger = cluster.Create("stranger", "web", keys: "other-keys");
        stranger.Launch();
        cluster.Processes.Add(stranger);
        Assert.False(await stranger.IsUpOrEndedAsync());
        Assert.NotEqual(0, await stranger.EndAsync());
        Assert.Contains(stranger.Log, line => line.Contains("PersistKeysToFileSystem", StringComparison.Ordinal));

        // Neither the form that was open, nor those that a new process of the cluster makes, have lost anything.
        var second = cluster.Create("second", "web");
        cluster.Processes.Add(second);
        await second.StartAsync();
        Assert.Equal(HttpStatusCode.SeeOther, await alice.PostAsync(("content", "still here")));
    }
}
