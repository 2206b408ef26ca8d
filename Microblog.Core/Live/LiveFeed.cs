using System.Collections.Concurrent;
using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Pages;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Live;

/// <summary>Tells all open streams of this process what is new in their lists: one loop, which reads each list once for all who look at it.</summary>
internal sealed class LiveFeed(
    IMicroblogStore store, LiveEvents events, DeliverySignal signal, TaskStarter starter, TimeProvider clock,
    IOptions<MicroblogOptions> options, ILogger<LiveFeed> logger) : NodeWorker(starter), IHostedLifecycleService
{
    private const int ListsPerRead = 32;
    private const int ParallelReads = 4;

    // Of what no signal told, such as another process's work on a shared SQLite file.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    // Between two rounds, so that notices which come together are read together and a busy node does other things too.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(300);

    private readonly Lock gate = new();
    private readonly Dictionary<LiveList, (PageFrame Frame, HashSet<LiveReader> Readers)> lists = [];
    private readonly Dictionary<string, int> held = new(StringComparer.Ordinal);
    private DateTimeOffset nextBeat;
    private int open;
    private bool isStopping;

    /// <summary>How many streams are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return open;
        }
    }

    /// <summary>Opens a stream, which is then written by <see cref="WriteAsync"/>.</summary>
    /// <param name="list">What it shows.</param>
    /// <param name="position">All up to here the reader has had.</param>
    /// <param name="frame">Who looks.</param>
    /// <param name="holder">By whom it is counted.</param>
    /// <param name="most">How many this holder may have.</param>
    /// <param name="reader">The stream, if there is room.</param>
    public LiveRoom TryOpen(LiveList list, TimelinePosition position, PageFrame frame, string holder, int most, out LiveReader? reader)
    {
        reader = null;
        lock (gate)
        {
            if (isStopping || open >= options.Value.Live.MaxConnections)
                return LiveRoom.NodeIsFull;
            var count = held.GetValueOrDefault(holder);
            if (count >= most)
                return LiveRoom.HolderHasEnough;
            held[holder] = count + 1;
            open++;
            reader = new LiveReader(list, position, holder, clock.GetUtcNow() + Lifetime, Starter);
            // The frame of whoever came last: the profile in it is the newest.
            var readers = lists.TryGetValue(list, out var known) ? known.Readers : [];
            readers.Add(reader);
            lists[list] = (frame, readers);
        }

        signal.Readers.Set();
        return LiveRoom.Given;
    }

    /// <summary>Writes a stream to its end.</summary>
    public async ValueTask WriteAsync(LiveReader reader, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            await reader.WriteToAsync(output, clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Close(reader);
        }
    }

    /// <summary>Ends all streams, before the host waits for its connections to end by themselves.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            isStopping = true;
        foreach (var reader in Timelines().SelectMany(timeline => timeline.Readers))
            reader.End();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var atMost = Count > 0 ? PollInterval : Timeout.InfiniteTimeSpan;
            try
            {
                await signal.Readers.WaitAsync(atMost, clock, stoppingToken).ConfigureAwait(false);
                var started = clock.GetTimestamp();
                await TellAllAsync(stoppingToken).ConfigureAwait(false);
                Beat(clock.GetUtcNow());
                await PauseAsync(Rest(clock.GetElapsedTime(started)), clock, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nobody has moved on, so the next round tells what this one did not.
                logger.LiveFailed(e, PollInterval);
                await PauseAsync(PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TimeSpan Rest(TimeSpan worked) => worked < ShortestRest ? ShortestRest : worked > LongestRest ? LongestRest : worked;

    /// <summary>One round: reads every list that somebody looks at, and sends what its readers lack.</summary>
    internal async Task TellAllAsync(CancellationToken stoppingToken)
    {
        var batches = new ConcurrentQueue<LiveTimeline[]>(Timelines().Chunk(ListsPerRead));
        var workers = Enumerable.Range(0, Math.Min(ParallelReads, batches.Count)).Select(_ => Starter.Start(async () =>
        {
            while (batches.TryDequeue(out var batch))
                await TellAsync(batch, stoppingToken).ConfigureAwait(false);
        }));
        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    private async Task TellAsync(LiveTimeline[] batch, CancellationToken stoppingToken)
    {
        var pages = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                var read = new LivePage[batch.Length];
                for (var i = 0; i < read.Length; i++)
                    read[i] = await batch[i].ReadAsync(session, ct).ConfigureAwait(false);
                return read;
            },
            stoppingToken).ConfigureAwait(false);
        for (var i = 0; i < pages.Length; i++)
            await batch[i].TellAsync(pages[i], events, stoppingToken).ConfigureAwait(false);
    }

    /// <summary>Shows proxies that the streams live, and ends those whose time is over.</summary>
    internal void Beat(DateTimeOffset now)
    {
        if (now < nextBeat)
            return;
        nextBeat = now + BeatInterval;
        foreach (var reader in Timelines().SelectMany(timeline => timeline.Readers))
        {
            if (now < reader.Until)
            {
                reader.Send(LiveEvents.Beat);
                continue;
            }

            reader.End();
            // Also where its connection had gone before anything was written.
            Close(reader);
        }
    }

    private void Close(LiveReader reader)
    {
        lock (gate)
        {
            if (!lists.TryGetValue(reader.List, out var list) || !list.Readers.Remove(reader))
                return;
            open--;
            if (--held[reader.Holder] == 0)
                held.Remove(reader.Holder);
            if (list.Readers.Count == 0)
                lists.Remove(reader.List);
        }
    }

    private LiveTimeline[] Timelines()
    {
        lock (gate)
            return [.. lists.Select(list => new LiveTimeline(list.Key, list.Value.Frame, [.. list.Value.Readers]))];
    }
}

/// <summary>Whether there is room for a stream.</summary>
internal enum LiveRoom
{
    /// <summary>Yes.</summary>
    Given,

    /// <summary>Not in this process.</summary>
    NodeIsFull,

    /// <summary>Not for whoever asks.</summary>
    HolderHasEnough,
}
