using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microblog.Testing.Tests;

public sealed class MisuseTests
{
    [Fact]
    public async Task Time_cannot_be_advanced_from_within_time()
    {
        await using var network = new SimulatedNetwork();
        network.After(TimeSpan.FromSeconds(1), () => network.AdvanceAsync(TimeSpan.FromSeconds(1)));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => network.AdvanceAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("step", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_thread_is_turned_away_and_the_first_goes_on()
    {
        await using var network = new SimulatedNetwork();
        Exception? second = null;
        network.After(TimeSpan.FromSeconds(1), () =>
        {
            var thread = new Thread(() => second = Record.Exception(() => { network.AdvanceAsync(TimeSpan.FromSeconds(1)); }));
            thread.Start();
            thread.Join();
            return Task.CompletedTask;
        });
        await network.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("Another thread", Assert.IsType<InvalidOperationException>(second).Message, StringComparison.Ordinal);
        await network.AdvanceAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task No_two_sites_share_a_host()
    {
        await using var network = new SimulatedNetwork();
        await network.AddNodeAsync("https://a.example/");
        await Assert.ThrowsAsync<ArgumentException>(() => network.AddNodeAsync("https://A.example/notes/"));
        Assert.Throws<ArgumentException>(() => network.AddPeer("https://a.example/", _ => new HttpResponseMessage()));
        Assert.Single(network.Nodes);
    }

    [Fact]
    public async Task A_call_that_waits_for_something_outside_says_so()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        var failure = await Assert.ThrowsAsync<SimulationException>(() => node.CallAsync(_ => new TaskCompletionSource<int>().Task));
        Assert.Contains("outside of the network (Task.Run, a real delay, a socket?)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_comes_back_from_another_thread_makes_the_run_one_that_cannot_be_replayed()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        await node.JoinAsync("ann");
        Assert.True(network.IsReplayable);
        await node.CallAsync(async n =>
        {
            var elsewhere = new Thread(() => { _ = n.FindLocalAsync("ann"); network.After(TimeSpan.Zero, () => Task.CompletedTask); });
            elsewhere.Start();
            elsewhere.Join();
            return await n.FindLocalAsync("ann");
        });
        Assert.False(network.IsReplayable);
        Assert.Contains("may not replay", network.Failure(new InvalidOperationException()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_goes_on_without_waiting_says_so()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        var failure = await Assert.ThrowsAsync<SimulationException>(() => node.CallAsync<int>(async n =>
        {
            while (true)
                await n.FindLocalAsync("nobody");
        }));
        Assert.Contains("Time stands still", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advancing_can_be_cancelled_and_gone_on_with()
    {
        await using var network = new SimulatedNetwork();
        using var cancellation = new CancellationTokenSource();
        var began = network.Now;
        network.After(TimeSpan.FromHours(1), () =>
        {
            cancellation.Cancel();
            return Task.CompletedTask;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => network.AdvanceAsync(TimeSpan.FromDays(1), cancellation.Token));
        Assert.Equal(TimeSpan.FromHours(1), network.Now - began);
        await network.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.FromHours(25), network.Now - began);
    }

    [Theory]
    [InlineData("a.example")]
    [InlineData("/a.example")]
    public async Task What_is_no_address_of_a_site_is_refused_with_one_that_is(string address)
    {
        await using var network = new SimulatedNetwork();
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => network.AddNodeAsync(address));
        Assert.Contains("write https://a.example/", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => network.AddPeer("a.example:8080", _ => new HttpResponseMessage()));
        Assert.Empty(network.Nodes);
    }

    [Fact]
    public async Task A_link_leads_from_a_site_to_a_site()
    {
        await using var network = new SimulatedNetwork();
        var here = network.AddPeer("https://a.example/", _ => new HttpResponseMessage()).BaseUri;
        var nowhere = new Uri("https://b.exmaple/");
        Assert.Contains("no site at b.exmaple", Assert.Throws<ArgumentException>(() => network.Link(here, nowhere)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => network.Link(nowhere, here));
        network.Link(here, here).IsCut = true;
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(30)]
    [InlineData(double.NaN)]
    public async Task What_is_no_chance_is_refused(double chance)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { LostRequests = chance });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { LostAnswers = chance });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { Duplicates = chance });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { Hangs = chance });
        Assert.Throws<ArgumentOutOfRangeException>(() => LinkFaults.None with { Errors = chance });
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        Assert.Throws<ArgumentOutOfRangeException>(() => node.CrashChance = chance);
    }

    [Fact]
    public void Faults_without_a_status_or_with_negative_times_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LinkFaults { Statuses = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { MaxDelay = TimeSpan.FromTicks(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkFaults { DuplicateWithin = TimeSpan.FromTicks(-1) });
    }

    [Fact]
    public async Task A_host_with_another_address_than_the_networks_is_refused_and_both_are_said()
    {
        await using var network = new SimulatedNetwork();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => network.AddNodeAsync(
            "https://a.example/notes/", services => services.AddMicroblogCore(o => o.BaseUri = new Uri("https://a.example/blog/")).AddOmb()));
        Assert.Contains("https://a.example/blog/", failure.Message, StringComparison.Ordinal);
        Assert.Contains("https://a.example/notes/", failure.Message, StringComparison.Ordinal);
        var node = await network.AddNodeAsync(
            "https://b.example/notes/", services => services.AddMicroblogCore(o => o.BaseUri = new Uri("https://b.example/notes")).AddOmb());
        Assert.True(node.IsUp);
    }

    [Fact]
    public async Task Time_does_not_run_backwards()
    {
        await using var network = new SimulatedNetwork();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => network.AdvanceAsync(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public async Task A_node_is_started_once_and_what_is_down_is_not_stopped()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        await Assert.ThrowsAsync<SimulationException>(() => node.StartAsync());
        await node.StopAsync();
        await Assert.ThrowsAsync<SimulationException>(() => node.StopAsync());
        Assert.Throws<SimulationException>(node.Crash);
        Assert.Throws<SimulationException>(() => node.CrashAfter(1));
        await Assert.ThrowsAsync<SimulationException>(() => node.JoinAsync("ann"));
    }

    [Fact]
    public async Task What_still_waits_when_the_patience_ends_is_named()
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        await bob.Node.StopAsync();
        await ann.PublishAsync("hello");
        var failure = await Assert.ThrowsAsync<SimulationException>(() => network.SettleAsync(TimeSpan.FromHours(1)));
        Assert.Contains("a.example: 1 for https://b.example/omb/", failure.Message, StringComparison.Ordinal);
    }
}
