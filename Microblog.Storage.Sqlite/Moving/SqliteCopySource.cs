using System.Runtime.CompilerServices;
using Microblog.Storage.Moving;

namespace Microblog.Storage.Sqlite.Moving;

/// <summary>A file that nobody else has open.</summary>
internal sealed class SqliteCopySource : ICopySource
{
    private readonly SqliteDatabase database;
    private readonly SqliteTables tables;

    /// <param name="database">Opened alone; this owns it now.</param>
    /// <param name="blobs">The files beside it.</param>
    public SqliteCopySource(SqliteDatabase database, IBlobStore blobs)
    {
        Blobs = blobs;
        this.database = database;
        tables = new SqliteTables(database);
        Tables = tables.Read();
        // What a node that was killed left in the log goes into the file, so that the file's own time tells of every write.
        database.RunScript("PRAGMA wal_checkpoint(TRUNCATE)");
        var file = new FileInfo(database.Path);
        Identity = $"sqlite {file.FullName}, {file.Length} bytes, written {file.LastWriteTimeUtc:O}";
    }

    public string Identity { get; }

    public IReadOnlyList<NodeTable> Tables { get; }

    public IBlobStore Blobs { get; }

    public ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken) => new(tables.Count(table));

    public async IAsyncEnumerable<object?[]> ReadAsync(
        NodeTable table, IReadOnlyList<object>? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var rows = tables.Rows(table, after);
        while (rows.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new object?[table.Columns.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = rows.Value(i);
            yield return values;
        }
    }

    public ValueTask<IReadOnlyDictionary<string, long>> ReadLastNumbersAsync(CancellationToken cancellationToken) => new(tables.ReadLastNumbers());

    public ValueTask DisposeAsync()
    {
        database.Dispose();
        return ValueTask.CompletedTask;
    }
}
