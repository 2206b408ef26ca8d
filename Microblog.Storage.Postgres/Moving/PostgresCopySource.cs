using System.Runtime.CompilerServices;
using Microblog.Storage.Moving;
using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>One snapshot of a database on which no node runs.</summary>
internal sealed class PostgresCopySource : ICopySource
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction snapshot;
    private readonly PostgresTables tables;

    private PostgresCopySource(NpgsqlConnection connection, NpgsqlTransaction snapshot, PostgresTables tables, IBlobStore blobs, string identity)
    {
        Blobs = blobs;
        this.connection = connection;
        this.snapshot = snapshot;
        this.tables = tables;
        Identity = identity;
    }

    public string Identity { get; }

    public IBlobStore Blobs { get; }

    public IReadOnlyList<NodeTable> Tables => tables.Nodes;

    /// <param name="connection">Locked; the result owns it.</param>
    /// <param name="snapshot">Repeatable read; the result owns it.</param>
    /// <param name="blobs">By connections of its own.</param>
    /// <param name="node">What the database calls itself.</param>
    public static async ValueTask<PostgresCopySource> OpenAsync(
        NpgsqlConnection connection, NpgsqlTransaction snapshot, IBlobStore blobs, string node, CancellationToken cancellationToken)
    {
        var found = await PostgresTables.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        // A changed row carries the number of a later transaction than before, and without a row the count is another.
        var parts = found.Nodes.Select(table => $"SELECT count(*) AS n, coalesce(sum(xmin::text::bigint), 0) AS x FROM {found[table].Name}");
        using var command = new NpgsqlCommand($"SELECT concat_ws('/', sum(n), sum(x)) FROM ({string.Join(" UNION ALL ", parts)}) AS t", connection) { CommandTimeout = 0 };
        var state = (string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        return new PostgresCopySource(connection, snapshot, found, blobs, $"postgres node {node}, state {state}");
    }

    public async ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand($"SELECT count(*) FROM {tables[table].Name}", connection) { CommandTimeout = 0 };
        return await Talk.WithAsync(async () => (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<object?[]> ReadAsync(
        NodeTable table, IReadOnlyList<object>? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var here = tables[table];
        var key = PostgresTable.List(table.Key);
        using var command = new NpgsqlCommand { Connection = connection, CommandTimeout = 0 };
        for (var i = 0; i < after?.Count; i++)
            command.Parameters.Add(new NpgsqlParameter { Value = PostgresValue.Write(after[i], here.Types[table.Key[i]], keepsNul: true), NpgsqlDbType = here.Types[table.Key[i]] });
        var condition = after is null ? "" : $"WHERE ({key}) > ({string.Join(", ", after.Select((_, i) => $"${i + 1}"))}) ";
        command.CommandText = $"SELECT {PostgresTable.List(table.Columns)} FROM {here.Name} {condition}ORDER BY {key}";
        var reader = await Talk.WithAsync(async () => await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        while (await Talk.WithAsync(async () => await reader.ReadAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false))
        {
            var row = new object[table.Columns.Count];
            reader.GetValues(row);
            yield return Array.ConvertAll(row, PostgresValue.Read);
        }
    }

    public async ValueTask<IReadOnlyDictionary<string, long>> ReadLastNumbersAsync(CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, long>();
        foreach (var (counter, sequence, _) in tables.Counters)
        {
            using var command = new NpgsqlCommand($"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}", connection);
            numbers[counter] = await Talk.WithAsync(async () => (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!).ConfigureAwait(false);
        }

        return numbers;
    }

    public async ValueTask DisposeAsync()
    {
        await snapshot.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
