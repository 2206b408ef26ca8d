using System.Globalization;
using Microblog.Storage;
using Microblog.Testing.Simulation;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing;

/// <summary>A federated network in one process: nodes with the hosts' own services, scripted peers, one virtual clock, and faults drawn
/// from a seed. The same seed and the same scenario give the same run, exchange by exchange.</summary>
/// <remarks>
/// <para>Everything happens on the caller's thread while a call of the network, its nodes, people or browsers runs, so time stands still
/// between calls and a task that is returned has ended. Not safe for several threads.</para>
/// <para>What runs inside a node may await the node's own services and whatever waits by the injected <see cref="TimeProvider"/>. What
/// awaits real threads or sockets leaves the simulation, and its run is not replayed exactly.</para>
/// </remarks>
public sealed class SimulatedNetwork : IAsyncDisposable
{
    /// <summary>The environment variable that makes <see cref="ExploreAsync"/> run one seed only.</summary>
    public const string SeedVariable = "MICROBLOG_SEED";

    private const int ShownOnFailure = 40;

    // Nobody's call takes as long; one that does waits for something that the network does not know.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Scheduler scheduler;
    private readonly Wire wire;
    private readonly List<SimulatedNode> nodes = [];

    /// <summary>Begins at noon of 1 March 2026.</summary>
    /// <param name="seed">Decides everything that is left to chance.</param>
    public SimulatedNetwork(int seed = 1)
    {
        Seed = seed;
        scheduler = new Scheduler(seed, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        Transcript = new Transcript(scheduler);
        wire = new Wire(scheduler, Transcript);
    }

    /// <summary>What decides everything that is left to chance.</summary>
    public int Seed { get; }

    /// <summary>The time by which clocks that are right go.</summary>
    public DateTimeOffset Now => scheduler.Now;

    /// <summary>Chance for the scenario itself, from the same seed.</summary>
    public Random Random => scheduler.Random;

    /// <summary>How many steps have run: a measure of how much happened.</summary>
    public long Steps => scheduler.Steps;

    /// <summary>Whether the run can be replayed: nothing in it came from another thread, as it does from a host's service that waits for real time, files or sockets.</summary>
    public bool IsReplayable => scheduler.Strays == 0;

    /// <summary>What happened so far.</summary>
    public Transcript Transcript { get; }

    /// <summary>The nodes, in the order in which they were added.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => nodes;

    /// <summary>What goes wrong on every link that says nothing else. Default: nothing.</summary>
    public LinkFaults Faults
    {
        get => wire.Faults;
        set => wire.Faults = value;
    }

    /// <summary>Runs a scenario with one seed after the other, so that the faults in it fall differently each time.</summary>
    /// <param name="count">How many seeds, from 1 on; only that of <c>MICROBLOG_SEED</c> when the environment names one.</param>
    /// <param name="scenario">What happens, and what has to be true in the end. It has to draw chance from <see cref="Random"/> only.</param>
    /// <param name="progress">Hears of each seed that passed.</param>
    /// <param name="cancellationToken">Stops before the next seed.</param>
    /// <exception cref="SimulationException">A seed failed. The message names it, and how to replay it.</exception>
    public static async Task ExploreAsync(
        int count, Func<SimulatedNetwork, Task> scenario, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var only = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var named) ? named : (int?)null;
        foreach (var seed in only is { } one ? [one] : Enumerable.Range(1, count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var network = new SimulatedNetwork(seed);
            await using (network.ConfigureAwait(false))
            {
                try
                {
                    await scenario(network).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    throw network.Failure(e);
                }
            }

            progress?.Report(seed);
        }
    }

    /// <summary>Adds a node and starts it.</summary>
    /// <param name="baseUri">Its address, such as <c>https://notes.example/</c>; no two sites share a host.</param>
    /// <param name="configure">What the host adds to its services, each time it starts: the same code as in its own program, with
    /// <c>AddMicroblog</c> among it. Without it, a node with OpenMicroBlogging. A base URI has to be <paramref name="baseUri"/>, or left out; where the
    /// host names no store, one in memory outlives the runs, and where it names no licence, it is CC BY 4.0.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="ArgumentException">That is no address, or there is a site at its host already.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">What the host configured does not fit, such as another base URI.</exception>
    public async Task<SimulatedNode> AddNodeAsync(
        string baseUri, Action<IServiceCollection>? configure = null, CancellationToken cancellationToken = default)
    {
        var uri = Address(baseUri);
        var node = new SimulatedNode(this, scheduler, wire, Transcript, uri, configure ?? (services => services.AddMicroblogCore().AddOmb()));
        wire.Add(uri.Authority, node);
        nodes.Add(node);
        await node.StartAsync(cancellationToken).ConfigureAwait(false);
        return node;
    }

    /// <summary>Adds a site whose answers are scripted.</summary>
    /// <param name="baseUri">Its address.</param>
    /// <param name="answer">Answers a request. What it throws ends the run.</param>
    public SimulatedPeer AddPeer(string baseUri, Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        AddPeer(baseUri, request => Task.FromResult(answer(request)));

    /// <summary>Adds a site whose answers are scripted and may ask other sites first, as a proxy does.</summary>
    /// <param name="baseUri">Its address.</param>
    /// <param name="answer">Answers a request. What it throws ends the run.</param>
    public SimulatedPeer AddPeer(string baseUri, Func<HttpRequestMessage, Task<HttpResponseMessage>> answer)
    {
        var uri = Address(baseUri);
        var peer = new SimulatedPeer(this, scheduler, wire, uri, answer);
        wire.Add(uri.Authority, peer);
        return peer;
    }

    /// <summary>The link from one site to another.</summary>
    /// <exception cref="ArgumentException">There is no site at one of them.</exception>
    public SimulatedLink Link(Uri from, Uri to) => wire.Link(wire.SiteAt(from, nameof(from)), wire.SiteAt(to, nameof(to)));

    /// <summary>Lets time pass, with everything that happens meanwhile.</summary>
    public Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        scheduler.RunUntil(() => false, scheduler.Now + time, cancellationToken);
        return Task.CompletedTask;
    }

    /// <summary>Has something happen while time passes, such as a fault that begins or ends.</summary>
    /// <param name="delay">When, from now.</param>
    /// <param name="work">What. It may call nodes, people and browsers; what it throws ends the run.</param>
    public void After(TimeSpan delay, Func<Task> work) => scheduler.After(delay, null, () => _ = scheduler.WatchAsync(work));

    /// <summary>Lets time pass until no node that is up has anything left to deliver.</summary>
    /// <param name="atMost">For how long.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="SimulationException">Something still waits; the message names the lanes.</exception>
    public async Task SettleAsync(TimeSpan atMost, CancellationToken cancellationToken = default)
    {
        var end = scheduler.Now + atMost;
        for (var wait = TimeSpan.FromSeconds(1); ; wait = wait < TimeSpan.FromMinutes(5) ? wait * 1.5 : wait)
        {
            await AdvanceAsync(wait, cancellationToken).ConfigureAwait(false);
            var waiting = new List<string>();
            foreach (var node in nodes.Where(node => node.IsUp))
                waiting.AddRange(await WaitingAsync(node, cancellationToken).ConfigureAwait(false));
            if (waiting.Count == 0)
                return;
            if (scheduler.Now >= end)
                throw new SimulationException($"After {atMost} this still waits:\n{string.Join('\n', waiting)}");
        }
    }

    /// <summary>What to throw when something is wrong with this run: it names the seed and shows the last exchanges.</summary>
    public SimulationException Failure(Exception because) => new(
        $"Seed {Seed} fails: {because.Message}\n{(IsReplayable ? $"To replay it, set {SeedVariable}={Seed}." : "It waited for something outside of the network (Task.Run, a real delay, a socket?), so it may not replay.")} What happened last:\n{Transcript.ToString(ShownOnFailure)}",
        because);

    /// <summary>Ends the nodes that run, start or stop, and disposes their services.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DiscardAsync().ConfigureAwait(false);
    }

    /// <summary>Runs the network until the work has ended; inside the network, simply does the work.</summary>
    internal async Task<T> DriveAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        if (scheduler.IsInside)
            return await work().ConfigureAwait(false);
        Task<T>? running = null;
        scheduler.Post(null, () => running = work());
        if (!scheduler.RunUntil(() => running is { IsCompleted: true }, scheduler.Now + Patience, cancellationToken))
            throw new SimulationException($"After {Patience} of network time a call has not ended: it waits for something outside of the network (Task.Run, a real delay, a socket?).");
        return await running!.ConfigureAwait(false);
    }

    private static Uri Address(string baseUri) =>
        Uri.TryCreate(baseUri, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? uri
            : throw new ArgumentException($"'{baseUri}' is not the address of a site: write https://{baseUri.Trim('/')}/.", nameof(baseUri));

    private static Task<List<string>> WaitingAsync(SimulatedNode node, CancellationToken cancellationToken) => node.CallAsync(
        async host =>
        {
            var lanes = await host.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(20, ct), cancellationToken).ConfigureAwait(false);
            return lanes.Select(lane => $"{node.BaseUri.Authority}: {lane.Waiting} for {lane.Lane.Endpoint}, next {lane.NextAttempt:u}. {lane.Failure}").ToList();
        },
        cancellationToken);
}
