using Microblog.Storage.Moving;
using Npgsql;
using NpgsqlTypes;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>The store's tables as the server's own catalogue lists them.</summary>
internal sealed class PostgresTables
{
    /// <summary>The counter that has no table.</summary>
    public const string Lease = "lease";

    private const string LeaseSequence = "microblog.lease_token";

    // Self-numbering tables are told apart by their number, whatever the primary key has to be for partitions.
    private const string Catalogue =
        """
        SELECT c.relname, a.attname, format_type(a.atttypid, NULL),
            coalesce(array_position(k.conkey, a.attnum), 0),
            (SELECT s.oid::regclass::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                WHERE d.classid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype IN ('i', 'a')
             UNION ALL
             SELECT s.oid::regclass::text FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                WHERE f.adrelid = c.oid AND f.adnum = a.attnum
             LIMIT 1)
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relnamespace = 'microblog'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname NOT IN ('schema', 'writer', 'wake', 'profile_uri', 'prunable', 'blob', 'blob_piece', 'unfinished_copy')
            AND c.relname NOT LIKE 'search%'
        ORDER BY c.relname COLLATE "C", a.attnum
        """;

    private readonly Dictionary<string, PostgresTable> tables;

    private PostgresTables(IEnumerable<PostgresTable> tables) => this.tables = tables.ToDictionary(table => table.Node.Name);

    public IReadOnlyList<NodeTable> Nodes => [.. tables.Values.Select(table => table.Node)];

    public PostgresTable this[NodeTable table] => tables[table.Name];

    /// <summary>The sequences, by the names that counters have in a copy.</summary>
    public IEnumerable<(string Counter, string Sequence, PostgresTable? Table)> Counters =>
        tables.Values.Where(table => table.Sequence is not null).Select(table => (table.Node.Name, table.Sequence!, (PostgresTable?)table))
            .Append((Lease, LeaseSequence, null));

    public static async ValueTask<PostgresTables> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(Catalogue, connection);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        var columns = new List<Column>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            columns.Add(new Column(reader.GetString(0), reader.GetString(1), Type(reader.GetString(2)), reader.GetInt32(3), await reader.IsDBNullAsync(4, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(4)));
        return new PostgresTables(columns.GroupBy(column => column.Table).Select(Table));
    }

    private static PostgresTable Table(IGrouping<string, Column> columns)
    {
        var number = columns.FirstOrDefault(column => column.Sequence is not null);
        string[] key = number is not null ? [number.Name] : [.. columns.Where(column => column.KeyPlace > 0).OrderBy(column => column.KeyPlace).Select(column => column.Name)];
        return new PostgresTable(
            new NodeTable(columns.Key, [.. columns.Select(column => column.Name)], key),
            columns.ToDictionary(column => column.Name, column => column.Type),
            number?.Name,
            number?.Sequence);
    }

    private static NpgsqlDbType Type(string name) => name switch
    {
        "bigint" => NpgsqlDbType.Bigint,
        "integer" => NpgsqlDbType.Integer,
        "boolean" => NpgsqlDbType.Boolean,
        "text" => NpgsqlDbType.Text,
        "bytea" => NpgsqlDbType.Bytea,
        _ => throw new StoreException($"The store has no columns of the type {name}: tables of your own must not lie in the schema “microblog”."),
    };

    private sealed record Column(string Table, string Name, NpgsqlDbType Type, int KeyPlace, string? Sequence);
}
