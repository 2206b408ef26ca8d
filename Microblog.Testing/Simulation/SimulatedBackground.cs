using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Microblog.Testing.Simulation;

/// <summary>Runs a host's <see cref="BackgroundService"/> as steps of the network. By itself it would start on a thread of the pool; all else
/// that it does is its own.</summary>
internal sealed class SimulatedBackground(BackgroundService service, SimulatedProcess process) : IHostedLifecycleService
{
    private static readonly MethodInfo Execute = Member(type => type.GetMethod("ExecuteAsync", BindingFlags.Instance | BindingFlags.NonPublic));
    private static readonly FieldInfo ExecuteTask = Member(type => type.GetField("_executeTask", BindingFlags.Instance | BindingFlags.NonPublic));
    private static readonly FieldInfo StoppingSource = Member(type => type.GetField("_stoppingCts", BindingFlags.Instance | BindingFlags.NonPublic));

    // Of real time; one that needs the network's time to end is waited for in vain.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    public static bool Fits(IHostedService service) =>
        service is BackgroundService && service.GetType().GetMethod(nameof(IHostedService.StartAsync))!.DeclaringType == typeof(BackgroundService);

    public Task StartingAsync(CancellationToken cancellationToken) =>
        (service as IHostedLifecycleService)?.StartingAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var stopping = new CancellationTokenSource();
        var running = new SimulatedTaskStarter(process).Start(() => RunAsync(stopping.Token));
        // A cancelled Task.Delay goes on on a thread of the pool; nothing else happens until that has ended. What is registered first is
        // called last.
        stopping.Token.UnsafeRegister(_ => Task.WaitAny([running], LongestEnd), null);
        // As its own StartAsync does, so that its own StopAsync ends it.
        StoppingSource.SetValue(service, stopping);
        ExecuteTask.SetValue(service, running);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) =>
        (service as IHostedLifecycleService)?.StartedAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        (service as IHostedLifecycleService)?.StoppingAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => service.StopAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        (service as IHostedLifecycleService)?.StoppedAsync(cancellationToken) ?? Task.CompletedTask;

    private static T Member<T>(Func<Type, T?> find)
        where T : MemberInfo =>
        find(typeof(BackgroundService)) ?? throw new NotSupportedException("This version of Microsoft.Extensions.Hosting makes its BackgroundService in another way.");

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await ((Task)Execute.Invoke(service, BindingFlags.DoNotWrapExceptions, null, [stopping], null)!).ConfigureAwait(false);
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
