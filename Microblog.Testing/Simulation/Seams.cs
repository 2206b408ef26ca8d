using Microblog.Scheduling;

namespace Microblog.Testing.Simulation;

/// <summary>Starts a process's own work as a step.</summary>
internal sealed class SimulatedTaskStarter(SimulatedProcess process) : TaskStarter
{
    public override Task Start(Func<Task> work)
    {
        var done = new TaskCompletionSource();
        process.Scheduler.Post(process, () => _ = RunAsync(work, done));
        return done.Task;
    }

    private static async Task RunAsync(Func<Task> work, TaskCompletionSource done)
    {
        try
        {
            await work().ConfigureAwait(false);
            done.SetResult();
        }
        catch (OperationCanceledException)
        {
            done.SetCanceled(CancellationToken.None);
        }
#pragma warning disable CA1031 // Whoever started the work learns it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            done.SetException(e);
        }
    }
}

/// <summary>Chance from the seed.</summary>
internal sealed class SimulatedRandomSource(Scheduler scheduler) : RandomSource
{
    public override int Next(int limit) => scheduler.Random.Next(limit);
}
