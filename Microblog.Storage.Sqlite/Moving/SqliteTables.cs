using Microblog.Storage.Moving;

namespace Microblog.Storage.Sqlite.Moving;

/// <summary>The store's tables as SQLite's own catalogue lists them, and the statements that a copy makes from it.</summary>
internal sealed class SqliteTables(SqliteDatabase database)
{
    public const string Prefix = "microblog_";

    // None is copied as rows: the version is the store's own, the last lease a counter, whose log may be pruned follows from the events, and
    // what is found from notices and people.
    private const string Schema = Prefix + "schema";
    private const string Lease = Prefix + "lease";
    private const string Prunable = Prefix + "prunable";
    private const string Search = Prefix + "search";

    private readonly Dictionary<string, string> inserts = [];

    public IReadOnlyList<NodeTable> Read()
    {
        var names = new List<string>();
        using (var rows = database.Use("SELECT name FROM main.sqlite_master WHERE type = 'table' AND substr(name, 1, 10) = 'microblog_' ORDER BY name"))
        {
            while (rows.Step())
                names.Add(rows.Text(0));
        }

        return [.. names.Where(name => name is not (Schema or Lease or Prunable or CopyMark.Table) && !name.StartsWith(Search, StringComparison.Ordinal)).Select(Read)];
    }

    public long Count(NodeTable table) => database.Use(string.Intern($"SELECT count(*) FROM {Name(table)}")).RunScalar() ?? 0;

    /// <summary>The rows behind a key, in its order.</summary>
    public SqliteStatement Rows(NodeTable table, IReadOnlyList<object>? after)
    {
        var key = List(table.Key);
        var condition = after is null ? "" : $" WHERE ({key}) > ({Parameters(table.Key)})";
        var rows = database.Use(string.Intern($"SELECT {List(table.Columns)} FROM {Name(table)}{condition} ORDER BY {key}"));
        for (var i = 0; i < after?.Count; i++)
            rows.BindValue(i + 1, after[i]);
        return rows;
    }

    public IReadOnlyList<object>? LastKey(NodeTable table)
    {
        using var row = database.Use(string.Intern(
            $"SELECT {List(table.Key)} FROM {Name(table)} ORDER BY {string.Join(", ", table.Key.Select(column => Quote(column) + " DESC"))} LIMIT 1"));
        return row.Step() ? [.. table.Key.Select((_, i) => row.Value(i)!)] : null;
    }

    public void Insert(NodeTable table, object?[] row)
    {
        if (!inserts.TryGetValue(table.Name, out var sql))
            inserts[table.Name] = sql = string.Intern($"INSERT INTO {Name(table)} ({List(table.Columns)}) VALUES ({Parameters(table.Columns)})");
        var statement = database.Use(sql);
        for (var i = 0; i < row.Length; i++)
            statement.BindValue(i + 1, row[i]);
        statement.Run();
    }

    public IReadOnlyDictionary<string, long> ReadLastNumbers()
    {
        var numbers = new Dictionary<string, long>();
        using (var rows = database.Use("SELECT substr(name, 11), seq FROM main.sqlite_sequence WHERE substr(name, 1, 10) = 'microblog_'"))
        {
            while (rows.Step())
                numbers[rows.Text(0)] = rows.Int64(1);
        }

        numbers["lease"] = database.Use("SELECT last FROM microblog_lease").RunScalar() ?? 0;
        return numbers;
    }

    /// <summary>Never sets a counter back: the rows that were inserted have moved it already.</summary>
    public void SetLastNumber(string name, long number)
    {
        if (name == "lease")
        {
            database.Use("UPDATE microblog_lease SET last = max(last, ?1)").Bind(1, number).Run();
            return;
        }

        // SQLite keeps a line for a counting table from its first row on, and has no uniqueness there. Another store may count what this one does not.
        if (database.Use("UPDATE main.sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1").Bind(1, Prefix + name).Bind(2, number).Run() == 0 && number > 0)
        {
            database.Use(
                "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, ?2 FROM main.sqlite_master WHERE type = 'table' AND name = ?1 AND sql LIKE '%AUTOINCREMENT%'")
                .Bind(1, Prefix + name).Bind(2, number).Run();
        }
    }

    /// <summary>Has whoever prunes look at every author's log, and whoever leases at every destination when its first lane comes due:
    /// another store may have this in tables of its own. Whoever keeps the index of search takes everything up.</summary>
    public void Derive()
    {
        database.RunScript(SqliteIndex.Anew);
        database.Run("INSERT OR IGNORE INTO microblog_prunable (author) SELECT DISTINCT author FROM microblog_event");
        database.Run(
            """
            UPDATE microblog_destination SET next_due = l.due FROM (SELECT destination, min(due_at) AS due FROM microblog_lane
                WHERE due_at IS NOT NULL GROUP BY destination) AS l
            WHERE l.destination = id AND (next_due IS NULL OR next_due > l.due)
            """);
    }

    private NodeTable Read(string name)
    {
        var columns = new List<string>();
        var key = new SortedList<int, string>();
        using var rows = database.Use("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid").Bind(1, name);
        while (rows.Step())
        {
            columns.Add(rows.Text(0));
            if (rows.Int32(1) > 0)
                key.Add(rows.Int32(1), rows.Text(0));
        }

        return new NodeTable(name[Prefix.Length..], columns, [.. key.Values]);
    }

    private static string Name(NodeTable table) => "main." + Quote(Prefix + table.Name);

    private static string List(IEnumerable<string> columns) => string.Join(", ", columns.Select(Quote));

    private static string Parameters(IReadOnlyList<string> columns) => string.Join(", ", columns.Select((_, i) => $"?{i + 1}"));

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
