using System.Diagnostics;
using System.Runtime.InteropServices;
using Microblog.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class ConnectionTests : IDisposable
{
    private readonly TempDatabase database = new();

    public void Dispose() => database.Dispose();

    [Theory]
    [InlineData(false, "2")]
    [InlineData(true, "1")]
    public async Task Every_connection_has_the_settings_on_which_durability_rests(bool isWeaker, string synchronous)
    {
        await using var store = database.CreateStore(new FakeTimeProvider(), options => options.LoseLastWritesOnPowerCut = isWeaker);
        using var writer = store.Connector.OpenWriter();
        using var reader = store.Connector.OpenReader();

        foreach (var connection in new[] { writer, reader })
        {
            Assert.Equal("wal", connection.ReadPragma("journal_mode"));
            Assert.Equal(synchronous, connection.ReadPragma("synchronous"));
            Assert.Equal("1", connection.ReadPragma("foreign_keys"));
            Assert.Equal("0", connection.ReadPragma("busy_timeout"));
        }

        Assert.Equal("1", reader.ReadPragma("query_only"));
        Assert.Equal("0", writer.ReadPragma("query_only"));
    }

    [Fact]
    public void SQLite_sleeps_no_longer_than_it_says()
    {
        SqliteSleepFix.Apply();
        var started = Stopwatch.GetTimestamp();

        _ = sqlite3_sleep(5);

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 4, 100);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=x;Mode=Memory")]
    [InlineData("Data Source=x.db;Cache=Shared")]
    public void A_connection_string_without_a_file_of_its_own_is_refused(string connectionString) =>
        Assert.Throws<ArgumentException>(() => database.CreateStore(new FakeTimeProvider(), options => options.ConnectionString = connectionString));

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_named()
    {
        await using var store = database.CreateStore(new FakeTimeProvider(), options => options.ConnectionString = $"Data Source={database.File}/no/such");

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.StartAsync(CancellationToken.None).AsTask());

        Assert.Contains(database.File, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await using (var store = database.CreateStore(new FakeTimeProvider()))
            await store.StartAsync(CancellationToken.None);
        using (var connection = new SqliteConnection(database.ConnectionString + ";Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE microblog_schema SET version = 99";
            command.ExecuteNonQuery();
        }

        await using var older = database.CreateStore(new FakeTimeProvider());
        var exception = await Assert.ThrowsAsync<StoreException>(() => older.StartAsync(CancellationToken.None).AsTask());

        Assert.Contains("99", exception.Message, StringComparison.Ordinal);
        Assert.Contains("newer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_schema_is_upgraded_with_its_rows()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        using var connection = store.Connector.OpenWriter();
        string[] next = [SchemaUpgrade.Scripts[0], "ALTER TABLE microblog_setting ADD COLUMN note TEXT; UPDATE microblog_setting SET note = value;"];
        Assert.Equal((0, 1), SchemaUpgrade.Apply(connection, next[..1], TimeSpan.Zero, NullLogger.Instance));
        connection.RunScript("INSERT INTO microblog_setting (name, value) VALUES ('a', 'b')");

        Assert.Equal((1, 2), SchemaUpgrade.Apply(connection, next, TimeSpan.Zero, NullLogger.Instance));
        Assert.Equal((2, 2), SchemaUpgrade.Apply(connection, next, TimeSpan.Zero, NullLogger.Instance));

        Assert.Equal(1, connection.Use("SELECT count(*) FROM microblog_setting WHERE note = 'b'").RunScalar());
    }

    [Fact]
    public async Task An_upgrade_that_fails_changes_nothing()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        using var connection = store.Connector.OpenWriter();
        SchemaUpgrade.Apply(connection, SchemaUpgrade.Scripts, TimeSpan.Zero, NullLogger.Instance);
        string[] broken = [.. SchemaUpgrade.Scripts, "CREATE TABLE microblog_new (a); INSERT INTO microblog_nowhere VALUES (1);"];
        var log = new Lines();

        Assert.Throws<StoreException>(() => SchemaUpgrade.Apply(connection, broken, TimeSpan.Zero, log));

        // It was said before it began.
        Assert.Equal([$"Upgrading the schema of {database.File} from version {broken.Length - 1} to {broken.Length}"], log.All);

        Assert.Equal(SchemaUpgrade.Scripts.Count, connection.Use("SELECT version FROM microblog_schema").RunScalar());
        Assert.Equal(0, connection.Use("SELECT count(*) FROM sqlite_master WHERE name = 'microblog_new'").RunScalar());
    }

    [Fact]
    public async Task Two_that_upgrade_at_once_do_it_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var store = database.CreateStore(TimeProvider.System);
            await store.StartAsync(CancellationToken.None);
        })));
    }

    [Fact]
    public async Task A_store_that_was_not_started_says_so()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        Assert.Throws<InvalidOperationException>(() => store.Ids);
    }

    [DllImport("e_sqlite3")]
    private static extern int sqlite3_sleep(int milliseconds);

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
