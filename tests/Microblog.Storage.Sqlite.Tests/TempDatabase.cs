using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>A database file in a directory of its own, deleted when the test says so.</summary>
internal sealed class TempDatabase
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-");

    public string File => Path.Combine(directory.FullName, "notes.db");

    public string ConnectionString => $"Data Source={File}";

    public SqliteStore CreateStore(TimeProvider clock, Action<SqliteStoreOptions>? configure = null)
    {
        var options = new SqliteStoreOptions { ConnectionString = ConnectionString };
        configure?.Invoke(options);
        return new SqliteStore(options, clock, NullLogger<SqliteStore>.Instance);
    }

    public void Delete() => directory.Delete(recursive: true);
}
