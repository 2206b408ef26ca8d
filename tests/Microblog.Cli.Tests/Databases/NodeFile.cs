using System.Globalization;
using System.Text;
using Microblog.Storage.Sqlite;
using Microblog.Storage.Sqlite.Moving;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A node's SQLite file in a directory of its own, looked at past our code.</summary>
internal sealed class NodeFile : IDisposable
{
    // Their order differs between bytes, UTF-16 units and dictionaries; some quote, some are empty.
    private static readonly string[] Awkward = ["", "Z", "a", "é", "\uFFFD", "😀", "ﬁ", "' \" \\ \n\t%_", "名前", "z\u200Fb"];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-moving-");

    public string Path => System.IO.Path.Combine(directory.FullName, "node.db");

    public string Name => "sqlite:" + Path;

    public SqliteStoreOptions Options => new() { ConnectionString = $"Data Source={Path}", BusyTimeout = TimeSpan.Zero };

    public SqliteNodeDatabase Database => new(Options);

    public SqliteStore CreateStore() => new(Options, TimeProvider.System, NullLogger<SqliteStore>.Instance);

    public void Dispose() => directory.Delete(recursive: true);

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    public void Run(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public T Ask<T>(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>Creates the tables and puts rows into every one that there is, whatever it is for, with values that are easily spoilt.</summary>
    public async Task<NodeFile> FillAsync(int rows)
    {
        await Database.UpgradeAsync(CancellationToken.None);
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        foreach (var table in Tables(connection).Where(table => table is not ("microblog_schema" or "microblog_lease")))
            Fill(connection, transaction, table, rows);
        // Numbers whose rows are gone are not given again.
        Execute(connection, transaction, $"UPDATE sqlite_sequence SET seq = {(1L << 52) + 1_000_000_000}; UPDATE microblog_lease SET last = 77");
        transaction.Commit();
        return this;
    }

    /// <summary>Every row of every table and every counter, as text, by the table's name.</summary>
    public SortedDictionary<string, List<string>> Dump()
    {
        using var connection = Open();
        var dump = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var table in Tables(connection).Append("sqlite_sequence"))
        {
            var rows = dump[table] = [];
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            using var reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader.GetValue(i)))));
            rows.Sort(StringComparer.Ordinal);
        }

        return dump;
    }

    private static string Text(object value) => value switch
    {
        byte[] bytes => "x" + Convert.ToHexString(bytes),
        string text => "t" + text,
        DBNull => "null",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static void Fill(SqliteConnection connection, SqliteTransaction transaction, string table, int rows)
    {
        var columns = Columns(connection, table);
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})";
        var parameters = columns.Select((_, i) => insert.Parameters.AddWithValue($"@p{i}", 0)).ToList();
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < columns.Count; i++)
                parameters[i].Value = Value(columns[i].Name, columns[i].Type, columns[i].IsRequired, row);
            insert.ExecuteNonQuery();
        }
    }

    // Each row of a table differs from the others in every column that can tell them apart.
    private static object Value(string column, string type, bool isRequired, int row)
    {
        if (!isRequired && row % 3 == 0)
            return DBNull.Value;
        return type switch
        {
            "TEXT" => Awkward[row % Awkward.Length] + (row < Awkward.Length && !isRequired ? "" : $"{row}"),
            "BLOB" => row % 4 == 0 ? [] : Encoding.UTF8.GetBytes($"\0{row}\xFF"),
            _ when column.StartsWith("is_", StringComparison.Ordinal) || column is "follows_log" or "approves_followers" or "see_also_inline" => (long)(row % 2),
            _ when column is "replies" or "repeats" or "favourites" or "followers" or "following" or "members" or "notices" or "standing" or "action" or "visibility" or "state" or "failures" or "kind" or "attempts" or "max_uses" or "uses" => (long)row,
            _ => (1L << 52) + row,
        };
    }

    private static List<(string Name, string Type, bool IsRequired)> Columns(SqliteConnection connection, string table)
    {
        var columns = new List<(string, string, bool)>();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name, type, \"notnull\" OR pk > 0 FROM pragma_table_info('{table}')";
        using var reader = command.ExecuteReader();
        while (reader.Read())
            columns.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        return columns;
    }

    // Without the index of search, which is made anew from the others.
    private static List<string> Tables(SqliteConnection connection)
    {
        var tables = new List<string>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'microblog%' AND name NOT LIKE 'microblog\\_search%' ESCAPE '\\'";
        using var reader = command.ExecuteReader();
        while (reader.Read())
            tables.Add(reader.GetString(0));
        return tables;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
