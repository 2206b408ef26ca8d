using System.Data.Common;
using Microblog.Storage.Conformance;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>A database file in a directory of its own, deleted with it.</summary>
internal sealed class TempDatabase(TimeSpan? busyTimeout = null) : IHostFixture
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-");

    public string File => Path.Combine(directory.FullName, "notes.db");

    public string ConnectionString => $"Data Source={File}";

    public string Prefix => "microblog_";

    public string Weakening => "PRAGMA synchronous = NORMAL";

    public string Remedy => "synchronous = FULL";

    public SqliteStore CreateStore(TimeProvider clock, Action<SqliteStoreOptions>? configure = null)
    {
        var options = new SqliteStoreOptions { ConnectionString = ConnectionString };
        options.BusyTimeout = busyTimeout ?? options.BusyTimeout;
        configure?.Invoke(options);
        return new SqliteStore(options, clock, NullLogger<SqliteStore>.Instance);
    }

    IMicroblogStore IStoreFixture.CreateStore(TimeProvider clock) => CreateStore(clock);

    public DbConnection OpenHost() => Open(ConnectionString);

    public DbConnection OpenElsewhere() => Open($"Data Source={Path.Combine(directory.FullName, "elsewhere.db")}");

    public void Dispose() => directory.Delete(recursive: true);

    private static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=False");
        connection.Open();
        using var create = new SqliteCommand("CREATE TABLE IF NOT EXISTS post (text TEXT)", connection);
        create.ExecuteNonQuery();
        return connection;
    }
}
