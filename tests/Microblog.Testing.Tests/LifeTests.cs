using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microblog.Testing.Tests;

/// <summary>How a node starts, stops and is killed, with what its host does meanwhile.</summary>
public sealed class LifeTests : IAsyncDisposable
{
    private readonly SimulatedNetwork network = new();
    private readonly List<string> diary = [];

    public ValueTask DisposeAsync() => network.DisposeAsync();

    [Fact]
    public async Task A_node_that_was_started_and_stopped_after_a_crash_stays_down()
    {
        var node = await network.AddNodeAsync("https://a.example/");
        node.RestartsAfter = TimeSpan.FromMinutes(3);
        node.Crash();
        await node.StartAsync();
        await node.StopAsync();
        await network.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.False(node.IsUp);
    }

    [Fact]
    public async Task Stopping_a_killed_node_that_would_start_again_keeps_it_down()
    {
        var node = await network.AddNodeAsync("https://a.example/");
        node.RestartsAfter = TimeSpan.FromMinutes(3);
        node.Crash();
        await node.StopAsync();
        await network.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.False(node.IsUp);
        await Assert.ThrowsAsync<SimulationException>(() => node.StopAsync());
    }

    [Fact]
    public async Task A_second_crash_counts_its_time_anew()
    {
        var node = await network.AddNodeAsync("https://a.example/");
        node.RestartsAfter = TimeSpan.FromMinutes(3);
        node.Crash();
        await network.AdvanceAsync(TimeSpan.FromMinutes(2));
        await node.StartAsync();
        node.Crash();
        await network.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.False(node.IsUp);
        await network.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.True(node.IsUp);
    }

    [Fact]
    public async Task A_node_that_has_not_ended_stopping_is_not_started_and_not_restarted()
    {
        var node = await AddAsync((services, clock) => new Host(diary) { OnStop = () => Task.Delay(TimeSpan.FromMinutes(1), clock) });
        node.RestartsAfter = TimeSpan.FromSeconds(1);
        Exception? tooEarly = null;
        network.After(TimeSpan.FromSeconds(30), async () => tooEarly = await Record.ExceptionAsync(() => node.StartAsync()));
        await node.StopAsync();
        Assert.Contains("still stopping", Assert.IsType<SimulationException>(tooEarly).Message, StringComparison.Ordinal);

        await node.StartAsync();
        network.After(TimeSpan.FromSeconds(30), () =>
        {
            node.Crash();
            return Task.CompletedTask;
        });
        await node.StopAsync();
        await network.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.False(node.IsUp);
        Assert.Equal(1, node.Crashes);
    }

    [Fact]
    public async Task A_start_that_fails_disposes_the_services_and_may_be_tried_again()
    {
        var fails = true;
        var failed = await Record.ExceptionAsync(() => AddAsync((_, _) => new Host(diary) { OnStart = () => fails ? throw new NotSupportedException() : Task.CompletedTask }));
        Assert.IsType<NotSupportedException>(failed);
        Assert.Equal(["disposed"], diary);
        var node = Assert.Single(network.Nodes);
        Assert.False(node.IsUp);
        fails = false;
        await node.StartAsync();
        await node.JoinAsync("ann");
    }

    [Fact]
    public async Task A_restart_that_fails_ends_the_run()
    {
        var fails = false;
        var node = await AddAsync((_, _) => new Host(diary) { OnStart = () => fails ? throw new NotSupportedException() : Task.CompletedTask });
        (fails, node.RestartsAfter) = (true, TimeSpan.FromMinutes(1));
        node.Crash();
        await Assert.ThrowsAsync<NotSupportedException>(() => network.AdvanceAsync(TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_stop_that_fails_ends_the_node_all_the_same_and_disposes_its_services()
    {
        var node = await AddAsync((_, _) => new Host(diary) { OnStop = () => throw new NotSupportedException() });
        await Assert.ThrowsAsync<NotSupportedException>(() => node.StopAsync());
        Assert.Equal(["disposed"], diary);
        Assert.False(node.IsUp);
        await node.StartAsync();
    }

    [Fact]
    public async Task A_stop_without_an_end_is_ended_by_a_crash_or_by_the_network()
    {
        var node = await AddAsync((_, _) => new Host(diary) { OnStop = () => new TaskCompletionSource().Task });
        await Assert.ThrowsAsync<SimulationException>(() => node.StopAsync());
        node.Crash();
        Assert.Empty(diary);
        await node.StartAsync();
        await Assert.ThrowsAsync<SimulationException>(() => node.StopAsync());
        await network.DisposeAsync();
        Assert.Equal(["disposed"], diary);
    }

    [Fact]
    public async Task A_killed_host_saves_nothing_when_it_is_disposed_and_one_that_stops_does()
    {
        var node = await AddAsync((_, _) => new Host(diary));
        node.Crash();
        Assert.Empty(diary);
        await node.StartAsync();
        await node.StopAsync();
        Assert.Equal(["disposed"], diary);
    }

    [Fact]
    public async Task A_killed_call_saves_nothing_when_its_scope_ends_and_one_that_ends_does()
    {
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddScoped(_ => new Host(diary));
        });
        node.CrashAfter(3);
        await Assert.ThrowsAsync<SimulationException>(() => node.CallAsync(async (Host _) => await Task.Delay(TimeSpan.FromHours(1), await CrashingAsync(node))));
        Assert.Empty(diary);
        await node.StartAsync();
        await node.CallAsync((Host _) => Task.CompletedTask);
        Assert.Equal(["disposed"], diary);
    }

    [Fact]
    public async Task Nothing_holds_what_was_killed()
    {
        var node = await network.AddNodeAsync("https://a.example/");
        var killed = Enumerable.Range(0, 5).Select(_ => KillAndStart(node)).ToList();
        // What was to happen later in the killed runs is forgotten when its time comes.
        await network.AdvanceAsync(TimeSpan.FromDays(2));
        // The container compiles its resolvers in the background, and holds itself so long.
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (killed.Exists(run => run.IsAlive))
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "Something holds what was killed.");
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public async Task A_background_service_hears_of_every_step_of_its_hosts_life()
    {
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddHostedService(provider => new Worker(diary, provider.GetRequiredService<TimeProvider>()));
        });
        await network.AdvanceAsync(TimeSpan.FromHours(1.5));
        await node.StopAsync();
        Assert.Equal(["starting", "started", "an hour", "stopping", "stop", "execution ends", "end of stop", "stopped"], diary);
        Assert.True(network.IsReplayable);
    }

    [Fact]
    public async Task A_node_stops_within_the_networks_time_also_while_its_workers_pause()
    {
        var node = await network.AddNodeAsync("https://a.example/");
        var ann = await node.JoinAsync("ann");
        for (var round = 0; round < 50; round++)
        {
            await ann.PublishAsync("bread");
            // The search waits a moment for more to take up.
            await network.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            await node.StopAsync();
            await node.StartAsync();
        }

        Assert.True(network.IsReplayable);
    }

    private static async Task<TimeProvider> CrashingAsync(SimulatedNode node)
    {
        var clock = node.Services.GetRequiredService<TimeProvider>();
        await node.Services.GetRequiredService<MicroblogNode>().FindLocalAsync("ann");
        return clock;
    }

    // Not inlined, so that no variable of the caller holds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference KillAndStart(SimulatedNode node)
    {
        var services = new WeakReference(node.Services);
        node.Crash();
        node.StartAsync().GetAwaiter().GetResult();
        return services;
    }

    private Task<SimulatedNode> AddAsync(Func<IServiceProvider, TimeProvider, Host> make) => network.AddNodeAsync("https://a.example/", services =>
    {
        services.AddMicroblogCore().AddOmb();
        services.AddHostedService(provider => make(provider, provider.GetRequiredService<TimeProvider>()));
    });

    /// <summary>A host's service that would save something in the end.</summary>
    private sealed class Host(List<string> diary) : IHostedService, IDisposable
    {
        public Func<Task> OnStart { get; init; } = () => Task.CompletedTask;

        public Func<Task> OnStop { get; init; } = () => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => OnStart();

        public Task StopAsync(CancellationToken cancellationToken) => OnStop();

        public void Dispose() => diary.Add("disposed");
    }

    private sealed class Worker(List<string> diary, TimeProvider clock) : BackgroundService, IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Note("starting");

        public Task StartedAsync(CancellationToken cancellationToken) => Note("started");

        public Task StoppingAsync(CancellationToken cancellationToken) => Note("stopping");

        public Task StoppedAsync(CancellationToken cancellationToken) => Note("stopped");

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            await Note("stop");
            await base.StopAsync(cancellationToken);
            await Note("end of stop");
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromHours(1), clock, stoppingToken);
                    await Note("an hour");
                }
            }
            finally
            {
                await Note("execution ends");
            }
        }

        private Task Note(string what)
        {
            diary.Add(what);
            return Task.CompletedTask;
        }
    }
}
