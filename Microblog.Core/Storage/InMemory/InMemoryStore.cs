namespace Microblog.Storage.InMemory;

/// <summary>A store that keeps everything in memory and forgets it with the process: for tests, simulations and first steps.</summary>
/// <remarks>Lists are found by simple scans. Writers run one after the other; a reader sees the last committed state. The same calls
/// in the same order give the same answers.</remarks>
public sealed class InMemoryStore : IMicroblogStore
{
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private volatile InMemoryState committed = InMemoryState.Empty;

    /// <param name="clock">The clock of numbers and leases.</param>
    public InMemoryStore(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        this.clock = clock;
        Ids = new IdSource(clock, slot: 0, last: 0);
        Blobs = new InMemoryBlobs(clock);
    }

    /// <summary>Goes on with what a process had committed when it was killed, so that a simulated node can be started again.</summary>
    /// <param name="clock">The clock of numbers and leases.</param>
    /// <param name="killed">The store of that process; nobody may write to it any more.</param>
    public InMemoryStore(TimeProvider clock, InMemoryStore killed)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(killed);
        this.clock = clock;
        committed = killed.committed;
        Ids = new IdSource(clock, slot: 0, committed.LastId);
        Blobs = new InMemoryBlobs(clock, (InMemoryBlobs)killed.Blobs);
    }

    /// <inheritdoc/>
    public IdSource Ids { get; }

    /// <inheritdoc/>
    public int LanesPerTransaction => 4;

    /// <inheritdoc/>
    public IBlobStore Blobs { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The work awaited something else than its session.</exception>
    public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        try
        {
            lock (gate)
            {
                using var session = new InMemorySession(committed, clock, Ids.ReadHorizon);
                var pending = work(session, CancellationToken.None);
                var result = ResultOf(pending);
                committed = session.State;
                return new ValueTask<T>(result);
            }
        }
#pragma warning disable CA1031 // whatever the work threw is its caller's, as from any asynchronous method
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<T>(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<T> ReadAsync<T>(
        Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var horizon = Ids.ReadHorizon;
        using var session = new InMemorySession(committed, clock, horizon);
        return await work(session, cancellationToken).ConfigureAwait(false);
    }

    // Nobody else can write while the work runs, so it must not wait for anybody.
    private static T ResultOf<T>(ValueTask<T> pending)
    {
        if (!pending.IsCompleted)
            throw new InvalidOperationException("The work of a transaction may await nothing but the methods of its session.");
        return pending.GetAwaiter().GetResult();
    }
}
