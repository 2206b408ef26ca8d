using Microblog.Storage.Conformance;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>A database file in a directory of its own, deleted with it.</summary>
internal sealed class TempDatabase(TimeSpan? busyTimeout = null) : IStoreFixture
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-");

    public string File => Path.Combine(directory.FullName, "notes.db");

    public string ConnectionString => $"Data Source={File}";

    public SqliteStore CreateStore(TimeProvider clock, Action<SqliteStoreOptions>? configure = null)
    {
        var options = new SqliteStoreOptions { ConnectionString = ConnectionString };
        options.BusyTimeout = busyTimeout ?? options.BusyTimeout;
        configure?.Invoke(options);
        return new SqliteStore(options, clock, NullLogger<SqliteStore>.Instance);
    }

    IMicroblogStore IStoreFixture.CreateStore(TimeProvider clock) => CreateStore(clock);

    public void Dispose() => directory.Delete(recursive: true);
}
