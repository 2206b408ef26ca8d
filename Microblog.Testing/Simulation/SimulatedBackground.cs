using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Microblog.Testing.Simulation;

/// <summary>Runs a host's <see cref="BackgroundService"/> as steps of the network. By itself it would start on a thread of the pool.</summary>
internal sealed class SimulatedBackground(BackgroundService service, SimulatedProcess process) : IHostedService, IDisposable
{
    private static readonly MethodInfo Execute = typeof(BackgroundService).GetMethod("ExecuteAsync", BindingFlags.Instance | BindingFlags.NonPublic)!;

    // Of real time; one that needs the network's time to end is waited for in vain.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public static bool Fits(IHostedService service) =>
        service is BackgroundService && service.GetType().GetMethod(nameof(IHostedService.StartAsync))!.DeclaringType == typeof(BackgroundService);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        running = new SimulatedTaskStarter(process).Start(RunAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
#pragma warning disable CA1849 // Not CancelAsync, which would go to the thread pool.
        stopping.Cancel();
#pragma warning restore CA1849
        // A cancelled Task.Delay goes on on a thread of the pool; nothing else happens until that has ended.
        Task.WaitAny([running], LongestEnd);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    public void Dispose() => stopping.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await ((Task)Execute.Invoke(service, BindingFlags.DoNotWrapExceptions, null, [stopping.Token], null)!).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // As asked.
        }
#pragma warning disable CA1031 // It ends the run, as it would end a host.
        catch (Exception e)
#pragma warning restore CA1031
        {
            process.Scheduler.Fail(e);
        }
    }
}
