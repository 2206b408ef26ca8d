using System.Collections.Concurrent;
using Microblog.Scheduling;
using Microsoft.Extensions.Logging;

namespace Microblog.Diagnostics;

/// <summary>Runs every <see cref="INodeCheck"/>, all at once, each for a limited time. One that throws or hangs is a finding.</summary>
/// <remarks>Safe for concurrent use. Whoever asks within <see cref="SharedFor"/> shares one run: strangers may ask for the health as
/// often as they like, and a check may write. A check that hangs is not started again before it comes back.</remarks>
/// <param name="checks">What the rooms and the host contribute.</param>
/// <param name="starter">Starts them beside each other.</param>
/// <param name="clock">Measures.</param>
/// <param name="logger">Hears of checks that throw.</param>
public sealed class NodeCheckup(IEnumerable<INodeCheck> checks, TaskStarter starter, TimeProvider clock, ILogger<NodeCheckup> logger)
{
    /// <summary>How long one check may take.</summary>
    public static TimeSpan TimeLimit { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How old what is answered may be, counted from the start of the run.</summary>
    public static TimeSpan SharedFor { get; } = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<INodeCheck, Task> hanging = [];
    private readonly Lock gate = new();
    private Task<CheckResult[]>? latest;
    private long latestStarted;

    /// <summary>Looks, or waits for whoever is looking already.</summary>
    /// <param name="cancellationToken">Gives up waiting; the run goes on for the others.</param>
    /// <returns>What each check found, in the order of their registration.</returns>
    public async ValueTask<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken) =>
        await Latest().WaitAsync(cancellationToken).ConfigureAwait(false);

    private Task<CheckResult[]> Latest()
    {
        lock (gate)
        {
            if (latest is null || (latest.IsCompleted && clock.GetElapsedTime(latestStarted) >= SharedFor))
            {
                latestStarted = clock.GetTimestamp();
                latest = Task.WhenAll(checks.Select(RunAsync));
            }

            return latest;
        }
    }

    private async Task<CheckResult> RunAsync(INodeCheck check)
    {
        if (hanging.ContainsKey(check))
            return Hangs(check);
        var started = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        Finding? finding = null;
        var token = limit.Token;
        var looking = starter.Start(async () => finding = await check.CheckAsync(token).ConfigureAwait(false));
        try
        {
            // It may not look at its token, so we do not wait for it either.
            await looking.WaitAsync(token).ConfigureAwait(false);
            return new CheckResult(check.Name, finding!, clock.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            if (!looking.IsCompleted && hanging.TryAdd(check, looking))
                _ = looking.ContinueWith(_ => hanging.TryRemove(check, out var _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return Hangs(check);
        }
        catch (Exception e)
        {
            logger.CheckFailed(e, check.Name);
            return new CheckResult(
                check.Name,
                new Finding(Severity.Failure, $"The check itself failed ({e.GetType().Name}). The log has the exception; what it looks at is probably broken."),
                clock.GetElapsedTime(started));
        }
    }

    private static CheckResult Hangs(INodeCheck check) => new(
        check.Name,
        new Finding(Severity.Failure, $"No answer within {TimeLimit.TotalSeconds} seconds: what the check looks at hangs. Look at the disk, the database or the service behind it."),
        TimeLimit);
}

/// <summary>What one check found.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Took">How long it took.</param>
public sealed record CheckResult(string Name, Finding Finding, TimeSpan Took);
