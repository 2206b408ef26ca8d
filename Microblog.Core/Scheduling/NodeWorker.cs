using Microsoft.Extensions.Hosting;

namespace Microblog.Scheduling;

/// <summary>A loop that runs as long as the host. Unlike the framework's <see cref="BackgroundService"/> it is started by the one task
/// starter, so that a simulated network decides when it runs.</summary>
internal abstract class NodeWorker(TaskStarter starter) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    protected TaskStarter Starter { get; } = starter;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        running = Starter.Start(() => RunAsync(stopping.Token));
        return Task.CompletedTask;
    }

    /// <summary>Asks the loop to end and waits for it, as long as the host allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Not CancelAsync, which would leave the task starter out.
        stopping.Cancel();
        await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends the loop also where the host never stopped it, as when another service could not start. The source itself has nothing to dispose.</summary>
    public void Dispose() => stopping.Cancel();

    /// <summary>Works until the token is cancelled. What goes wrong on the way is the loop's to handle.</summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    /// <summary>Waits for a time, rounded up to whole milliseconds. Cancelled, it goes on inside whoever cancels it; Task.Delay would go on on a
    /// thread of the pool, which a simulated network does not wait for.</summary>
    protected static async Task PauseAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource();
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
        using var timer = clock.CreateTimer(_ => over.TrySetResult(), null, rounded, Timeout.InfiniteTimeSpan);
        using var cancelled = cancellationToken.UnsafeRegister(_ => over.TrySetCanceled(cancellationToken), null);
        await over.Task.ConfigureAwait(false);
    }
}
