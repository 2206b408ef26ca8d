using Microblog.Scheduling;
using Microblog.Storage;

namespace Microblog.Delivery;

/// <summary>Settles lanes, several in one transaction: those that come while others are under way go together in the next.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SettlementQueue(IMicroblogStore store, TaskStarter starter)
{
    // Two, so that the store, when it commits one, has the next already.
    private const int TransactionsAtOnce = 2;

    private readonly Queue<Entry> waiting = [];
    private int running;

    /// <summary>Settles one lane. Not cancelled by a stop: what was sent is settled, so that it is not sent twice.</summary>
    /// <returns>Whether the lane was still held and what it gave up is recorded; also false when it gave nothing up.</returns>
    public Task<bool> SettleAsync(LaneSettlement settlement)
    {
        // Waited for by this one caller alone: of several who wait for one task, the runtime sends all but one to the thread pool,
        // where a simulated network could not replay it.
        var entry = new Entry(settlement, new TaskCompletionSource<bool>());
        lock (waiting)
        {
            waiting.Enqueue(entry);
            if (running == TransactionsAtOnce)
                return entry.GaveUp.Task;
            running++;
        }

        _ = starter.Start(RunAsync);
        return entry.GaveUp.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } entries)
        {
            if (await TrySettleAsync(entries).ConfigureAwait(false))
                continue;
            // One that cannot be stored must not take the others with it.
            foreach (var entry in entries)
                await TrySettleAsync([entry]).ConfigureAwait(false);
        }
    }

    private List<Entry> Take()
    {
        var entries = new List<Entry>();
        lock (waiting)
        {
            // A lane whose lease ran out may be here twice, and in one settlement only once.
            while (entries.Count < store.LanesPerTransaction && waiting.TryPeek(out var next)
                && entries.TrueForAll(entry => entry.Settlement.LaneId != next.Settlement.LaneId))
                entries.Add(waiting.Dequeue());
            if (entries.Count == 0)
                running--;
        }

        return entries;
    }

    /// <returns>False when all of them are to be tried again, one by one.</returns>
    private async Task<bool> TrySettleAsync(List<Entry> entries)
    {
        HashSet<Entry> gaveUp;
        try
        {
            gaveUp = await store.ExecuteAsync((session, ct) => SettleAsync(session.Deliveries, entries, ct), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (entries.Count > 1)
                return false;
            entries[0].GaveUp.SetException(e);
            return true;
        }

        foreach (var entry in entries)
            entry.GaveUp.SetResult(gaveUp.Contains(entry));
        return true;
    }

    private static async ValueTask<HashSet<Entry>> SettleAsync(IDeliveryStore deliveries, List<Entry> entries, CancellationToken cancellationToken)
    {
        await deliveries.SettleAsync([.. entries.Select(entry => entry.Settlement).Where(settlement => settlement.Refused.Count == 0)], cancellationToken)
            .ConfigureAwait(false);
        var gaveUp = new HashSet<Entry>();
        foreach (var entry in entries.Where(entry => entry.Settlement.Refused.Count > 0))
        {
            // Alone, because its author is told only if it was still ours.
            if (await deliveries.SettleAsync([entry.Settlement], cancellationToken).ConfigureAwait(false) == 1)
                gaveUp.Add(entry);
        }

        return gaveUp;
    }

    private sealed class Entry(LaneSettlement settlement, TaskCompletionSource<bool> gaveUp)
    {
        public LaneSettlement Settlement => settlement;

        public TaskCompletionSource<bool> GaveUp => gaveUp;
    }
}
