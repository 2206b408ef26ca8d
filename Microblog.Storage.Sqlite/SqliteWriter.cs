using Microsoft.Extensions.Logging;

namespace Microblog.Storage.Sqlite;

/// <summary>The one thread that writes. It takes whatever is queued and commits it together, so that one synchronisation of the disk
/// serves many callers, and none of them fails with another.</summary>
internal sealed class SqliteWriter
{
    private const int LargestBatch = 256;

    private readonly SqliteDatabase database;
    private readonly IdSource ids;
    private readonly TimeProvider clock;
    private readonly TimeSpan busyTimeout;
    private readonly ILogger logger;
    private readonly object gate = new();
    private readonly Queue<WriterJob> queue = [];
    private readonly List<WriterJob> batch = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isStopping;

    public SqliteWriter(SqliteDatabase database, IdSource ids, TimeProvider clock, TimeSpan busyTimeout, ILogger logger)
    {
        this.database = database;
        this.ids = ids;
        this.clock = clock;
        this.busyTimeout = busyTimeout;
        this.logger = logger;
        new Thread(Write) { IsBackground = true, Name = "Microblog SQLite writer" }.Start();
    }

    /// <summary>For tests: runs on the writer's thread around COMMIT. What it throws counts as the failure of COMMIT itself.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <inheritdoc cref="BeforeCommit"/>
    internal Action? AfterCommit { get; set; }

    public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        var job = new WriterJob<T>(work);
        var task = job.Task;
        job.CancelWith(cancellationToken);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isStopping, typeof(SqliteStore));
            queue.Enqueue(job);
            if (queue.Count == 1)
                Monitor.Pulse(gate);
        }

        return task;
    }

    /// <summary>Finishes what is queued and ends the thread.</summary>
    public Task StopAsync()
    {
        lock (gate)
        {
            isStopping = true;
            Monitor.Pulse(gate);
        }

        return ended.Task;
    }

    private void Write()
    {
        while (TakeBatch())
        {
            try
            {
                Commit();
            }
#pragma warning disable CA1031 // the callers learn it; the thread has to live
            catch (Exception exception)
#pragma warning restore CA1031
            {
                FailAll(exception);
            }

            foreach (var job in batch)
                job.Complete();
            batch.Clear();
        }

        ended.SetResult();
    }

    private bool TakeBatch()
    {
        lock (gate)
        {
            while (queue.Count == 0)
            {
                if (isStopping)
                    return false;
                Monitor.Wait(gate);
            }

            while (batch.Count < LargestBatch && queue.TryDequeue(out var job))
            {
                if (job.TryBegin())
                    batch.Add(job);
            }

            return true;
        }
    }

    private void Commit()
    {
        if (batch.Count == 0)
            return;
        Begin();
        if (!TryRunAll())
        {
            Rollback();
            if (batch is [{ Failure: not null }])
                return;
            Begin();
            foreach (var job in batch)
                RunInSavepoint(job);
        }

        CommitTransaction();
    }

    private void Begin() => SqliteLock.Run(database, "BEGIN IMMEDIATE", busyTimeout);

    // Nearly always nobody fails, and a savepoint for each would cost a quarter of the whole. So the first attempt does without;
    // when somebody fails, everybody's work is undone and run again, each in a savepoint, which the contract allows.
    private bool TryRunAll()
    {
        foreach (var job in batch)
        {
            Run(job);
            // Some errors of SQLite undo the whole transaction, also when the work made nothing of them.
            if (job.Failure is not null || !database.IsInTransaction)
                return false;
        }

        return true;
    }

    private void Run(WriterJob job)
    {
        using var session = new SqliteSession(database, clock, ids.ReadHorizon);
        job.Run(session);
    }

    private void RunInSavepoint(WriterJob job)
    {
        database.Run("SAVEPOINT microblog_caller");
        job.Failure = null;
        Run(job);
        // Some errors of SQLite undo the whole transaction; then nobody's work is there any more.
        if (!database.IsInTransaction)
            throw new StoreException("The database has undone the transaction that several callers shared.", job.Failure) { IsTransient = true };
        if (job.Failure is not null)
            database.Run("ROLLBACK TO microblog_caller");
        database.Run("RELEASE microblog_caller");
    }

    private void CommitTransaction()
    {
        try
        {
            BeforeCommit?.Invoke();
            database.Run("COMMIT");
            AfterCommit?.Invoke();
        }
#pragma warning disable CA1031 // whatever it was, the callers have to know that they do not know
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // After a failed write or synchronisation the commit may still be found in the log after a crash. Only a lock that
            // was not to be had says for sure that nothing was written.
            var isBusy = exception is StoreException { IsTransient: true };
            Rollback();
            logger.CommitFailed(exception, batch.Count);
            throw new StoreException("The commit failed.", exception) { IsTransient = isBusy, IsOutcomeUnknown = !isBusy };
        }
    }

    // Never throws: whoever rolls back is about to tell the callers something more important. What cannot be rolled back
    // now is when the connection begins its next transaction, which then fails and says so.
    private void Rollback()
    {
        try
        {
            if (database.IsInTransaction)
                database.Run("ROLLBACK");
        }
        catch (StoreException exception)
        {
            logger.CommitFailed(exception, batch.Count);
        }
    }

    // Who failed by itself keeps its own failure.
    private void FailAll(Exception exception)
    {
        Rollback();
        foreach (var job in batch)
            job.Failure ??= exception;
    }
}
