using System.Data.Common;
using Microblog.Storage;

namespace Microblog.Testing.Simulation;

/// <summary>A node's store with a step before and after each transaction. The store itself is waited for, so that one which works on
/// threads of its own, as SQLite's does, changes nothing about the order.</summary>
internal class SimulatedStore(IMicroblogStore inner, SimulatedProcess process) : IMicroblogStore, IDisposable
{
    public IdSource Ids => inner.Ids;

    public int LanesPerTransaction => inner.LanesPerTransaction;

    // Whoever kills a node between the bytes and the row does so before the transaction of the row.
    public IBlobStore Blobs => inner.Blobs;

    /// <summary>The store itself.</summary>
    public IMicroblogStore Inner => inner;

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        inner.StartAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await process.StepAsync("before a transaction").ConfigureAwait(false);
        var result = WaitFor(inner.ExecuteAsync(work, cancellationToken));
        await process.StepAsync("after a transaction").ConfigureAwait(false);
        return result;
    }

    public async ValueTask<T> ReadAsync<T>(
        Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await process.StepAsync("before reading").ConfigureAwait(false);
        return WaitFor(inner.ReadAsync(freshness, work, cancellationToken));
    }

    public void Dispose()
    {
        if (inner is IAsyncDisposable asynchronous)
            asynchronous.DisposeAsync().AsTask().GetAwaiter().GetResult();
        else
            (inner as IDisposable)?.Dispose();
    }

    protected static T WaitFor<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}

/// <summary>The same for a store that can join the host's transaction. Whether that is committed is the host's affair, so there is no step.</summary>
internal sealed class SimulatedEnlistingStore(IEnlistingStore inner, SimulatedProcess process) : SimulatedStore(inner, process), IEnlistingStore
{
    public ValueTask<T> ExecuteAsync<T>(
        DbTransaction transaction, Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        new(WaitFor(inner.ExecuteAsync(transaction, work, cancellationToken)));
}
