using System.Collections.Concurrent;

namespace Microblog.Storage.Sqlite;

/// <summary>A few connections that read, each used by one caller at a time.</summary>
internal sealed class SqliteReaders(SqliteConnector connector, IdSource ids, TimeProvider clock, int count, TimeSpan busyTimeout)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim free = new(count, count);
    private readonly ConcurrentBag<SqliteDatabase> idle = [];
    private volatile bool isStopping;

    public async ValueTask<T> ReadAsync<T>(Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(isStopping, typeof(SqliteStore));
        await free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(isStopping, typeof(SqliteStore));
            if (!idle.TryTake(out var database))
                database = connector.OpenReader();
            var result = await ReadAsync(database, work, cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Lets readers finish and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        isStopping = true;
        for (var i = 0; i < count; i++)
            await free.WaitAsync().ConfigureAwait(false);
        while (idle.TryTake(out var database))
            database.Dispose();
        free.Release(count);
    }

    private async ValueTask<T> ReadAsync<T>(
        SqliteDatabase database, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var isSound = false;
        try
        {
            // The horizon before the snapshot: what is closed in between is shown by the next page.
            using var session = new SqliteSession(database, clock, ids.ReadHorizon);
            database.Run("BEGIN");
            try
            {
                // The first read takes the snapshot, and is the only one that can meet a lock.
                SqliteLock.Run(database, "SELECT version FROM microblog_schema", busyTimeout);
                return await work(session, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (database.IsInTransaction)
                    database.Run("ROLLBACK");
                isSound = true;
            }
        }
        finally
        {
            if (isSound)
                idle.Add(database);
            else
                database.Dispose();
        }
    }
}
