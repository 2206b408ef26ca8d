using Microblog.TestServers;

namespace Microblog.Cluster.Tests.Chaos;

/// <summary>Breaks something every now and then, mends it, and has everything whole at the end.</summary>
internal sealed class Faults(Random random, PostgresServer server, IReadOnlyList<SampleProcess> processes, IReadOnlyList<SampleProcess> foreign, bool isLong, Action<string> say)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(5);

    // A process that was away for so short a time is killed once more while it starts.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    private static readonly Fault[] Pack =
    [
        Fault.ProcessKilled, Fault.ProcessKilled, Fault.ProcessKilled, Fault.ProcessFrozen, Fault.DatabaseRestarted,
        Fault.PeerKilled, Fault.PeerBlackHoled, Fault.PeerBlackHoled, Fault.PeerSlow, Fault.PeerSlow,
    ];

    private readonly Dictionary<Fault, int> counts = [];
    private readonly Dictionary<object, Task> broken = [];
    private Queue<Fault> pack = [];
    private int failedStarts;

    private enum Fault
    {
        ProcessKilled,
        ProcessFrozen,
        DatabaseRestarted,
        PeerKilled,
        PeerBlackHoled,
        PeerSlow,
    }

    /// <summary>Goes on until it is stopped, and then until all is mended.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(LongestPause * random.NextDouble(), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (fault, outage) = (Draw(), LongestOutage * random.NextDouble());
            var target = TargetOf(fault);
            // Whatever is broken already is left alone, but the dice have been thrown all the same: the seed decides.
            if (stoppingToken.IsCancellationRequested || (broken.TryGetValue(target, out var mending) && !mending.IsCompleted))
                continue;
            if (mending is not null)
                await mending;
            counts[fault] = counts.GetValueOrDefault(fault) + 1;
            say($"{fault} {(target as SampleProcess)?.Name} for {outage.TotalSeconds:0.0} s");
            broken[target] = BreakAsync(fault, target, outage);
        }

        await Task.WhenAll(broken.Values);
    }

    public override string ToString() =>
        string.Join(", ", counts.OrderBy(count => count.Key).Select(count => $"{count.Key} {count.Value}")) + $"; {failedStarts} starts found no database";

    // From a shuffled pack, so that a short run has met everything too.
    private Fault Draw()
    {
        if (pack.Count == 0)
        {
            Fault[] shuffled = [.. Pack];
            random.Shuffle(shuffled);
            pack = new Queue<Fault>(shuffled);
        }

        return pack.Dequeue();
    }

    private object TargetOf(Fault fault) => fault switch
    {
        Fault.DatabaseRestarted => server,
        Fault.ProcessKilled or Fault.ProcessFrozen => processes[random.Next(processes.Count)],
        _ => foreign[random.Next(foreign.Count)],
    };

    private async Task BreakAsync(Fault fault, object target, TimeSpan outage)
    {
        switch (fault)
        {
            case Fault.DatabaseRestarted:
                await Task.Run(() => server.Restart());
                break;
            case Fault.ProcessKilled or Fault.PeerKilled:
                await KillAsync((SampleProcess)target, outage);
                break;
            case Fault.ProcessFrozen or Fault.PeerBlackHoled:
                ((SampleProcess)target).Freeze();
                // So long that the writer slot has passed on when a process wakes up, and in a long run now and then its lanes too.
                await Task.Delay(outage * (isLong && outage > LongestOutage * 0.8 ? 8 : 2));
                ((SampleProcess)target).Thaw();
                break;
            default:
                await SlowDownAsync((SampleProcess)target, outage);
                break;
        }
    }

    private async Task KillAsync(SampleProcess process, TimeSpan outage)
    {
        Assert.True(process.IsRunning, $"{process.Name} has ended by itself:\n{string.Join('\n', process.Log.TakeLast(40))}");
        await process.KillAsync();
        await Task.Delay(outage);
        process.Launch();
        if (outage < SoonAgain)
        {
            await Task.Delay(outage);
            await process.KillAsync();
            process.Launch();
        }

        // One that finds no database ends, and whoever looks after processes starts it again.
        while (!await process.IsUpOrEndedAsync())
        {
            failedStarts++;
            await process.EndAsync();
            process.Launch();
        }
    }

    // It gets a tenth of the time.
    private static async Task SlowDownAsync(SampleProcess peer, TimeSpan outage)
    {
        for (var i = 0; i < outage.TotalMilliseconds / 250; i++)
        {
            peer.Freeze();
            await Task.Delay(225);
            peer.Thaw();
            await Task.Delay(25);
        }
    }
}
