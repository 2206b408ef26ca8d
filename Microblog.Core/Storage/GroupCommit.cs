using Microblog.Scheduling;

namespace Microblog.Storage;

/// <summary>Does many callers' work in few transactions: an item that comes alone starts at once, those that come while one is under way go
/// together in the next transaction.</summary>
/// <typeparam name="TItem">What one caller brings.</typeparam>
/// <typeparam name="TResult">What the caller gets.</typeparam>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class GroupCommit<TItem, TResult>
{
    // Not more, though the processor waits while the first commits: two at once make groups of half the size, and a transaction costs
    // more than what is in it. A second one begins when so many wait that their group would hardly grow.
    private const int TransactionsAtOnce = 2;
    private const int ManyWaiting = 64;

    private readonly IMicroblogStore store;
    private readonly TaskStarter starter;
    private readonly Func<IReadOnlyList<TItem>, TItem, bool> fits;
    private readonly Func<IStoreSession, IReadOnlyList<TItem>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> work;
    private readonly Queue<Entry> waiting = [];
    private int running;

    /// <param name="store">Where the transactions are.</param>
    /// <param name="starter">Starts them.</param>
    /// <param name="fits">Whether one more item may go with those of a transaction. Every item may go alone.</param>
    /// <param name="work">What to do with the items of one transaction, as <see cref="IMicroblogStore.ExecuteAsync"/> wants it; gives a result for
    /// each, in their order, as if they had come one after the other. When it fails, each item is tried alone.</param>
    public GroupCommit(
        IMicroblogStore store,
        TaskStarter starter,
        Func<IReadOnlyList<TItem>, TItem, bool> fits,
        Func<IStoreSession, IReadOnlyList<TItem>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> work)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(starter);
        ArgumentNullException.ThrowIfNull(fits);
        ArgumentNullException.ThrowIfNull(work);
        this.store = store;
        this.starter = starter;
        this.fits = fits;
        this.work = work;
    }

    /// <summary>Does one item's work, alone or together with others'.</summary>
    /// <param name="item">What to do.</param>
    /// <param name="cancellationToken">Takes the item out before its transaction has begun; from then on it is not looked at.</param>
    /// <returns>The item's result, once it is committed. Await it once.</returns>
    /// <exception cref="StoreException">The database failed; <see cref="IMicroblogStore.ExecuteAsync"/> says what that means.</exception>
    public Task<TResult> ExecuteAsync(TItem item, CancellationToken cancellationToken)
    {
        // Waited for by this one caller alone: of several who wait for one task, the runtime sends all but one to the thread pool,
        // where a simulated network could not replay it.
        var entry = new Entry(item, cancellationToken);
        lock (waiting)
        {
            waiting.Enqueue(entry);
            if (running == TransactionsAtOnce || (running > 0 && waiting.Count < ManyWaiting))
                return entry.Task;
            running++;
        }

        _ = starter.Start(RunAsync);
        return entry.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } group)
            await ExecuteAsync(group).ConfigureAwait(false);
    }

    private List<Entry> Take()
    {
        var items = new List<TItem>();
        var group = new List<Entry>();
        lock (waiting)
        {
            // A second one leaves few to the first.
            var isNeeded = running == 1 || waiting.Count >= ManyWaiting;
            while (isNeeded && waiting.TryPeek(out var next) && (group.Count == 0 || fits(items, next.Item)))
            {
                group.Add(waiting.Dequeue());
                items.Add(next.Item);
            }

            if (group.Count == 0)
                running--;
        }

        return group;
    }

    private async Task ExecuteAsync(List<Entry> group)
    {
        if (group.RemoveAll(static entry => entry.TryLeave()) > 0 && group.Count == 0)
            return;
        IReadOnlyList<TResult> results;
        try
        {
            TItem[] items = [.. group.Select(static entry => entry.Item)];
            results = await store.ExecuteAsync((session, ct) => work(session, items, ct), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (group.Count > 1 && e is not StoreException { IsOutcomeUnknown: true })
        {
            // One that cannot be stored must not take the others with it, nor have them wait for it.
            foreach (var entry in group)
                _ = starter.Start(() => ExecuteAsync([entry]));
            return;
        }
        catch (Exception e)
        {
            foreach (var entry in group)
                entry.Fail(e);
            return;
        }

        for (var i = 0; i < group.Count; i++)
            group[i].End(results[i]);
    }

    private sealed class Entry(TItem item, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<TResult> done = new();

        public TItem Item => item;

        public Task<TResult> Task => done.Task;

        /// <summary>Tells a caller who has given up that nothing was done.</summary>
        public bool TryLeave() => cancellationToken.IsCancellationRequested && done.TrySetCanceled(cancellationToken);

        public void End(TResult result) => done.SetResult(result);

        public void Fail(Exception exception) => done.SetException(exception);
    }
}
