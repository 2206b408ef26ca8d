using Microblog.Storage.Moving;
using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>A database that is being filled, with COPY, one batch a transaction.</summary>
internal sealed class PostgresCopyTarget : ICopyTarget
{
    private readonly NpgsqlConnection connection;
    private readonly PostgresTables tables;

    private PostgresCopyTarget(NpgsqlConnection connection, PostgresTables tables, IBlobStore blobs)
    {
        Blobs = blobs;
        this.connection = connection;
        this.tables = tables;
    }

    public IBlobStore Blobs { get; }

    public IReadOnlyList<NodeTable> Tables => tables.Nodes;

    /// <param name="connection">Locked; the result owns it.</param>
    /// <param name="blobs">By connections of its own.</param>
    public static async ValueTask<PostgresCopyTarget> OpenAsync(NpgsqlConnection connection, IBlobStore blobs, CancellationToken cancellationToken) =>
        new(connection, await PostgresTables.ReadAsync(connection, cancellationToken).ConfigureAwait(false), blobs);

    public ValueTask<bool> BeginAsync(string source, CancellationToken cancellationToken) => Talk.WithAsync(async () =>
    {
        if (await CopyMark.FindAsync(connection, cancellationToken).ConfigureAwait(false) is { } begun)
        {
            return begun == source ? true : throw new StoreException(
                $"The database {connection.Database} is half a copy of another database, or of this one before it was written to again. "
                + $"Drop its schema “microblog” and begin anew. It was copied from: {begun}. It should go on from: {source}.");
        }

        foreach (var table in Tables)
        {
            if (await CountAsync(table, cancellationToken).ConfigureAwait(false) > 0)
                throw new StoreException($"The database {connection.Database} is not empty (there are rows in “{table.Name}”), so nothing was copied into it. Name another one.");
        }

        await CopyMark.SetAsync(connection, source, cancellationToken).ConfigureAwait(false);
        return false;
    });

    public ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken) => Talk.WithAsync(async () =>
    {
        using var command = new NpgsqlCommand($"SELECT count(*) FROM {tables[table].Name}", connection) { CommandTimeout = 0 };
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    });

    public ValueTask<IReadOnlyList<object>?> FindLastKeyAsync(NodeTable table, CancellationToken cancellationToken) => Talk.WithAsync<IReadOnlyList<object>?>(async () =>
    {
        var order = string.Join(", ", table.Key.Select(column => PostgresTable.List([column]) + " DESC"));
        using var command = new NpgsqlCommand($"SELECT {PostgresTable.List(table.Key)} FROM {tables[table].Name} ORDER BY {order} LIMIT 1", connection) { CommandTimeout = 0 };
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? [.. table.Key.Select((_, i) => PostgresValue.Read(reader.GetValue(i))!)]
            : null;
    });

    public async ValueTask WriteAsync(NodeTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken) => await Talk.WithAsync(async () =>
    {
        var types = table.Columns.Select(column => tables[table].Types[column]).ToList();
        var isKey = table.Columns.Select(table.Key.Contains).ToList();
        // One COPY is one transaction, and until it is completed nothing of it is there.
        var import = await connection.BeginBinaryImportAsync(
            $"COPY {tables[table].Name} ({PostgresTable.List(table.Columns)}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using var closing = import.ConfigureAwait(false);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < row.Length; i++)
                await import.WriteAsync(PostgresValue.Write(row[i], types[i], keepsNul: isKey[i]), types[i], cancellationToken).ConfigureAwait(false);
        }

        return await import.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }).ConfigureAwait(false);

    public async ValueTask CompleteAsync(IReadOnlyDictionary<string, long> lastNumbers, CancellationToken cancellationToken) => await Talk.WithAsync(async () =>
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = transaction.ConfigureAwait(false);
        foreach (var (counter, sequence, table) in tables.Counters)
            await GoOnAfterAsync(lastNumbers.GetValueOrDefault(counter), sequence, table, cancellationToken).ConfigureAwait(false);
        await Talk.RunAsync(connection, "INSERT INTO microblog.profile_uri (uri, scope, profile) SELECT uri, scope, id FROM microblog.profile", cancellationToken).ConfigureAwait(false);
        // Whose log may be pruned: each one's, and whoever prunes looks.
        await Talk.RunAsync(connection, "INSERT INTO microblog.prunable (author) SELECT DISTINCT author FROM microblog.event", cancellationToken).ConfigureAwait(false);
        // What is found follows from notices and people, and whoever keeps the index takes them up.
        await Talk.RunAsync(connection, "SELECT microblog.search_anew()", cancellationToken).ConfigureAwait(false);
        // The next lease sums them up.
        await Talk.RunAsync(connection, "INSERT INTO microblog.wake (destination, at) SELECT destination, min(due_at) FROM microblog.lane WHERE due_at IS NOT NULL GROUP BY destination", cancellationToken).ConfigureAwait(false);
        await Talk.RunAsync(connection, CopyMark.Remove, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        // Without knowledge of the tables the planner walks them from end to end.
        await Talk.RunAsync(connection, $"ANALYZE {string.Join(", ", Tables.Select(table => tables[table].Name))}, microblog.profile_uri", cancellationToken).ConfigureAwait(false);
        return true;
    }).ConfigureAwait(false);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    // Behind the rows that are there too: not every store counts all that this one counts.
    private async ValueTask GoOnAfterAsync(long last, string sequence, PostgresTable? table, CancellationToken cancellationToken)
    {
        var highest = table is null ? "0" : $"(SELECT max({PostgresTable.List([table.Number!])}) FROM {table.Name})";
        using var command = new NpgsqlCommand($"SELECT setval('{sequence}', greatest($1, {highest}, 0) + 1, false)", connection)
        {
            CommandTimeout = 0,
            Parameters = { new() { Value = last } },
        };
        await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
