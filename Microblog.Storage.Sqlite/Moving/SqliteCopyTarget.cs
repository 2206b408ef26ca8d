using Microblog.Storage.Moving;

namespace Microblog.Storage.Sqlite.Moving;

/// <summary>A file that is being filled, and that nobody else has open.</summary>
internal sealed class SqliteCopyTarget : ICopyTarget
{
    private readonly SqliteDatabase database;
    private readonly SqliteTables tables;

    /// <param name="database">Opened alone; this owns it now.</param>
    /// <param name="blobs">The files beside it.</param>
    public SqliteCopyTarget(SqliteDatabase database, IBlobStore blobs)
    {
        Blobs = blobs;
        this.database = database;
        tables = new SqliteTables(database);
        Tables = tables.Read();
    }

    public IReadOnlyList<NodeTable> Tables { get; }

    public IBlobStore Blobs { get; }

    public ValueTask<bool> BeginAsync(string source, CancellationToken cancellationToken)
    {
        if (CopyMark.Find(database) is { } begun)
        {
            return begun == source ? new(true) : throw new StoreException(
                $"The database {database.Path} is half a copy of another database, or of this one before it was written to again. "
                + $"Delete it and begin anew. It was copied from: {begun}. It should go on from: {source}.");
        }

        if (Tables.FirstOrDefault(table => tables.Count(table) > 0) is { } full)
        {
            throw new StoreException(
                $"The database {database.Path} is not empty (there are rows in “{full.Name}”), so nothing was copied into it. Name a file that does not exist.");
        }

        InTransaction(() => CopyMark.Set(database, source));
        return new(false);
    }

    public ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken) => new(tables.Count(table));

    public ValueTask<IReadOnlyList<object>?> FindLastKeyAsync(NodeTable table, CancellationToken cancellationToken) => new(tables.LastKey(table));

    public ValueTask WriteAsync(NodeTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        InTransaction(() =>
        {
            foreach (var row in rows)
                tables.Insert(table, row);
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(IReadOnlyDictionary<string, long> lastNumbers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        InTransaction(() =>
        {
            foreach (var (name, number) in lastNumbers)
                tables.SetLastNumber(name, number);
            tables.Derive();
            CopyMark.Remove(database);
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        database.Dispose();
        return ValueTask.CompletedTask;
    }

    private void InTransaction(Action work)
    {
        database.Run("BEGIN IMMEDIATE");
        try
        {
            work();
            database.Run("COMMIT");
        }
        catch
        {
            if (database.IsInTransaction)
                database.Run("ROLLBACK");
            throw;
        }
    }
}
