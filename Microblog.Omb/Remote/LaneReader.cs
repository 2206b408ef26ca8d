using Microblog.Delivery;
using Microblog.Scheduling;
using Microblog.Storage;

namespace Microblog.Omb.Remote;

/// <summary>Reads what is to be said in a lane, and to whom, just before it is sent. Lanes that come while others are read go together in
/// the next snapshot, so that many short ones cost few questions.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class LaneReader(IMicroblogStore store, TaskStarter starter)
{
    private const int LanesAtOnce = 64;

    // What a read holds in memory besides the lanes that are being sent.
    private const int EventsAtOnce = 200;

    private readonly Queue<Entry> waiting = [];
    private bool isReading;

    /// <summary>Reads one lane's content, alone or together with others'.</summary>
    public Task<LaneContent> ReadAsync(LeasedLane lane)
    {
        var entry = new Entry(lane);
        lock (waiting)
        {
            waiting.Enqueue(entry);
            if (isReading)
                return entry.Content.Task;
            isReading = true;
        }

        _ = starter.Start(RunAsync);
        return entry.Content.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } entries)
        {
            if (await TryReadAsync(entries).ConfigureAwait(false))
                continue;
            // One that cannot be read must not take the others with it.
            foreach (var entry in entries)
                await TryReadAsync([entry]).ConfigureAwait(false);
        }
    }

    private List<Entry> Take()
    {
        var entries = new List<Entry>();
        lock (waiting)
        {
            for (var events = 0; entries.Count < LanesAtOnce && waiting.TryPeek(out var next); entries.Add(waiting.Dequeue()))
            {
                events += next.Lane.Events.Count;
                if (entries.Count > 0 && events > EventsAtOnce)
                    break;
            }

            isReading = entries.Count > 0;
        }

        return entries;
    }

    /// <returns>False when all of them are to be tried again, one by one.</returns>
    private async Task<bool> TryReadAsync(List<Entry> entries)
    {
        try
        {
            var contents = await store.ReadAsync(
                Freshness.Latest, (session, ct) => LaneContent.ReadAsync(session, [.. entries.Select(entry => entry.Lane)], ct), CancellationToken.None).ConfigureAwait(false);
            // Sent beside each other, and not inside this loop.
            foreach (var (entry, content) in entries.Zip(contents))
                _ = starter.Start(() => entry.End(content));
            return true;
        }
        catch (Exception e)
        {
            if (entries.Count == 1)
                entries[0].Content.SetException(e);
            return entries.Count == 1;
        }
    }

    private sealed class Entry(LeasedLane lane)
    {
        public LeasedLane Lane => lane;

        public TaskCompletionSource<LaneContent> Content { get; } = new();

        public Task End(LaneContent content)
        {
            Content.SetResult(content);
            return Task.CompletedTask;
        }
    }
}
