using System.Security.Claims;
using Microblog.Identity;
using Microblog.Storage;
using Microblog.Testing.Simulation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.Testing;

/// <summary>A node of a simulated network. It may be stopped, killed at any step and started again; what its store has committed is kept.</summary>
public sealed class SimulatedNode : ISite
{
    private readonly Scheduler scheduler;
    private readonly Wire wire;
    private readonly Transcript transcript;
    private readonly Action<IServiceCollection> configure;
    private Run? run;
    private Task<bool>? starting;
    private SimulatedTimer? restart;
    private IMicroblogStore? store;

    internal SimulatedNode(SimulatedNetwork network, Scheduler scheduler, Wire wire, Transcript transcript, Uri baseUri, Action<IServiceCollection> configure)
    {
        (this.scheduler, this.wire, this.transcript, this.configure) = (scheduler, wire, transcript, configure);
        (Network, BaseUri) = (network, baseUri);
    }

    /// <summary>The network.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Its address.</summary>
    public Uri BaseUri { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsUp => run is { State: RunState.Up };

    /// <summary>The services of its present run, with the host's own among them.</summary>
    /// <exception cref="SimulationException">It does not run.</exception>
    public IServiceProvider Services => Current.Services;

    /// <summary>How far its clock is off; ahead when positive. May be set at any time, also back.</summary>
    public TimeSpan ClockSkew { get; set; }

    /// <summary>How likely it is killed at each step that it takes, 0 to 1: before and after each transaction, when a request goes out, when
    /// one comes in, and around the answers. Default 0.</summary>
    public double CrashChance
    {
        get;
        set
        {
            field = LinkFaults.Chance(value);
            run?.Process.CrashChance = value;
        }
    }

    /// <summary>After which time it is started again when it was killed; <see langword="null"/>, the default, for never.</summary>
    public TimeSpan? RestartsAfter { get; set; }

    /// <summary>How often it was killed.</summary>
    public int Crashes { get; private set; }

    private Run Current => IsUp ? run! : throw new SimulationException($"{BaseUri.Authority} is {(run is { State: RunState.Stopping } ? "stopping" : "down")}.");

    /// <summary>Starts it, as its host would; one that is just starting is waited for.</summary>
    /// <exception cref="SimulationException">It runs already, has not ended stopping, or was killed while it started.</exception>
    /// <exception cref="OptionsValidationException">What the host configured does not fit.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (run is { State: not RunState.Starting })
            throw new SimulationException($"{BaseUri.Authority} {(IsUp ? "runs already" : "is still stopping")}.");
        return Network.DriveAsync(() => starting is { IsCompleted: false } ? starting : starting = BeginAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Stops it, as its host would: it answers what has come in, and its services end what they are at. One that was killed and
    /// waits to be started again (<see cref="RestartsAfter"/>) stays down.</summary>
    /// <exception cref="SimulationException">It does not run.</exception>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (CancelRestart())
            return Task.CompletedTask;
        var stopping = Current;
        return Network.DriveAsync(() => EndAsync(stopping, cancellationToken), cancellationToken);
    }

    /// <summary>Kills it, as SIGKILL does, also while it starts or stops: none of its code goes on, and no service of the host is disposed.</summary>
    /// <exception cref="SimulationException">It does not run.</exception>
    public void Crash() => Kill(run ?? Current, "from outside");

    /// <summary>Kills it when it has taken so many more steps; see <see cref="CrashChance"/>.</summary>
    /// <exception cref="SimulationException">It does not run.</exception>
    public void CrashAfter(int steps) => Current.Process.StepsLeft = steps;

    /// <summary>Gives somebody a profile here.</summary>
    /// <param name="nickname">The nickname.</param>
    /// <param name="user">Who it is, as the host signs its users in; by default somebody whose name and key are the nickname.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="SimulationException">The node refused, or was killed; or the host's identity knows nobody in <paramref name="user"/>.</exception>
    public Task<SimulatedPerson> JoinAsync(string nickname, ClaimsPrincipal? user = null, CancellationToken cancellationToken = default)
    {
        var principal = user ?? SimulatedIdentity.SignIn(nickname);
        if (Services.GetRequiredService<IHostIdentity>().Identify(principal) is not { } known)
            throw new SimulationException($"The host of {BaseUri.Authority} does not know {nickname}: say who that is, as it signs its users in.");
        return CallAsync(
            async node => (await node.JoinAsync(known.Subject, nickname, cancellationToken).ConfigureAwait(false)).IsDone(out var profile, out var problem)
                ? new SimulatedPerson(this, principal, profile, new SimulatedBrowser(Network, wire, $"{nickname}@{BaseUri.Authority}"))
                : throw new SimulationException($"{nickname} may not join {BaseUri.Authority}: {problem}"),
            cancellationToken);
    }

    /// <summary>Calls the node, as its host's code would.</summary>
    /// <exception cref="SimulationException">The node is down, or was killed before it answered, so that nobody knows what was done.</exception>
    public Task<T> CallAsync<T>(Func<MicroblogNode, Task<T>> call, CancellationToken cancellationToken = default) =>
        CallAsync<MicroblogNode, T>(call, cancellationToken);

    /// <summary>Calls a service of the host, in a scope of its own, as a request would: <c>node.CallAsync((Forum forum) => forum.PostAsync("…"))</c>.</summary>
    /// <exception cref="SimulationException">The node is down, or was killed before the service answered, so that nobody knows what was done.</exception>
    public Task<T> CallAsync<TService, T>(Func<TService, Task<T>> call, CancellationToken cancellationToken = default)
        where TService : notnull
    {
        var current = Current;
        return Network.DriveAsync(() => current.CallAsync(call), cancellationToken);
    }

    /// <inheritdoc cref="CallAsync{TService, T}(Func{TService, Task{T}}, CancellationToken)"/>
    public Task CallAsync<TService>(Func<TService, Task> call, CancellationToken cancellationToken = default)
        where TService : notnull =>
        CallAsync<TService, bool>(
            async service =>
            {
                await call(service).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    void ISite.Receive(WireRequest request, Action<WireAnswer> answer, Action<HttpRequestException> fail)
    {
        if (!IsUp)
            fail(new HttpRequestException(HttpRequestError.ConnectionError, "the node is down"));
        else
            run!.Site.Receive(request, answer, fail);
    }

    /// <summary>Ends a run that is left, for the network has ended; nothing is to be proven any more, so its services are disposed.</summary>
    internal async ValueTask DiscardAsync()
    {
        CancelRestart();
        if (run is not { } left)
            return;
        left.Process.End();
        run = null;
        await left.Services.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        CancelRestart();
        Run? next = null;
        var process = new SimulatedProcess(scheduler, what => Kill(next!, what)) { CrashChance = CrashChance };
        var clock = new SimulatedClock(scheduler, process, () => ClockSkew);
        var services = NodeServices.Build(BaseUri, configure, process, clock, new SimulatedDoor(wire, BaseUri.Authority, process), store);
        try
        {
            store = ((SimulatedStore)services.GetRequiredService<IMicroblogStore>()).Inner;
            run = next = new Run(BaseUri, process, services);
            await next.UnlessKilledAsync(next.StartAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception) when (process.IsAlive)
        {
            // A program whose host does not start ends.
            run = null;
            (process.CrashChance, process.StepsLeft) = (0, null);
            await services.DisposeAsync().ConfigureAwait(false);
            process.End();
            throw;
        }

        transcript.Note($"{BaseUri.Authority} is up");
        next.State = RunState.Up;
        return true;
    }

    private async Task<bool> EndAsync(Run stopping, CancellationToken cancellationToken)
    {
        stopping.State = RunState.Stopping;
        try
        {
            await stopping.UnlessKilledAsync(stopping.StopAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (SimulationException) when (!stopping.Process.IsAlive)
        {
            // Killed while it stopped, it is down all the same.
            return false;
        }
        finally
        {
            if (run == stopping)
            {
                stopping.Process.End();
                stopping.Site.BreakConnections();
                run = null;
            }
        }

        transcript.Note($"{BaseUri.Authority} has stopped");
        return true;
    }

    private void Kill(Run killed, string when)
    {
        if (!killed.Process.IsAlive)
            return;
        Crashes++;
        transcript.Note($"{BaseUri.Authority} is killed {when}");
        killed.Process.End();
        run = null;
        killed.Abandon();
        killed.Site.BreakConnections();
        killed.Die();
        // Whoever was told to stop is not started again.
        if (RestartsAfter is { } delay && killed.State != RunState.Stopping)
            restart = scheduler.After(delay, null, Restart);
    }

    private bool CancelRestart()
    {
        var wasPending = restart is not null;
        restart?.Dispose();
        restart = null;
        return wasPending;
    }

    private void Restart() => starting = RestartAsync();

    private async Task<bool> RestartAsync()
    {
        try
        {
            return await BeginAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not SimulationException)
        {
            // Nobody called, so the run ends. Killed once more, it is started once more.
            scheduler.Fail(e);
            throw;
        }
    }

    private enum RunState
    {
        Starting,
        Up,
        Stopping,
    }

    /// <summary>One run of the node.</summary>
    private sealed class Run(Uri baseUri, SimulatedProcess process, ServiceProvider services)
    {
        private readonly List<TaskCompletionSource> calls = [];
        private readonly List<IDisposable> outside = NodeServices.Outside(services);
        private readonly List<IHostedService> hosted =
        [
            .. services.GetServices<IHostedService>().Select(service => SimulatedBackground.Fits(service)
                ? new SimulatedBackground((BackgroundService)service, process)
                : service),
        ];

        public SimulatedProcess Process => process;

        public ServiceProvider Services => services;

        public NodeSite Site { get; } = new(process, services);

        public RunState State { get; set; }

        /// <summary>Gives up a killed run. Its services are not disposed, for then one that saves something at its end would save what a real
        /// kill loses. Only what would go with the process, and does not here, is.</summary>
        public void Abandon()
        {
            foreach (var part in outside)
                part.Dispose();
        }

        public void Die()
        {
            foreach (var call in calls.ToList())
                call.SetResult();
        }

        public async Task<T> CallAsync<TService, T>(Func<TService, Task<T>> call)
            where TService : notnull
        {
            var scope = services.CreateAsyncScope();
            try
            {
                return await UnlessKilledAsync(call(scope.ServiceProvider.GetRequiredService<TService>())).ConfigureAwait(false);
            }
            finally
            {
                // What is killed disposes of nothing.
                if (process.IsAlive)
                    await scope.DisposeAsync().ConfigureAwait(false);
            }
        }

        public async Task<T> UnlessKilledAsync<T>(Task<T> work)
        {
            var died = new TaskCompletionSource();
            calls.Add(died);
            // It may have been killed at the work's first step.
            if (!process.IsAlive)
                died.SetResult();
            await Task.WhenAny(work, died.Task).ConfigureAwait(false);
            calls.Remove(died);
            return work.IsCompleted
                ? await work.ConfigureAwait(false)
                : throw new SimulationException($"{baseUri.Authority} was killed before it answered.");
        }

        public async Task<bool> StartAsync(CancellationToken cancellationToken)
        {
            services.GetService<IStartupValidator>()?.Validate();
            foreach (var service in hosted.OfType<IHostedLifecycleService>())
                await service.StartingAsync(cancellationToken).ConfigureAwait(false);
            foreach (var service in hosted)
                await service.StartAsync(cancellationToken).ConfigureAwait(false);
            foreach (var service in hosted.OfType<IHostedLifecycleService>())
                await service.StartedAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        public async Task<bool> StopAsync(CancellationToken cancellationToken)
        {
            try
            {
                // A web server stops first: it takes nothing new, and answers what has come in.
                await Site.DrainAsync().ConfigureAwait(false);
                foreach (var service in hosted.OfType<IHostedLifecycleService>().Reverse())
                    await service.StoppingAsync(cancellationToken).ConfigureAwait(false);
                foreach (var service in Enumerable.Reverse(hosted))
                    await service.StopAsync(cancellationToken).ConfigureAwait(false);
                foreach (var service in hosted.OfType<IHostedLifecycleService>().Reverse())
                    await service.StoppedAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }
            finally
            {
                // A program whose host does not stop in peace ends, too.
                await services.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
