using Microblog.Storage;
using Microblog.Storage.Moving;
using Microblog.Storage.Postgres;
using Microblog.Storage.Postgres.Moving;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A whole node from SQLite to a real PostgreSQL and back.</summary>
public sealed class PostgresCopyTests : IAsyncLifetime, IDisposable
{
    private readonly NodeFile source = new();
    private readonly NodeFile back = new();
    private string connectionString = "";
    private PostgresNodeDatabase server = null!;

    public Task InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            connectionString = PostgresServer.Shared.CreateDatabase();
            server = new PostgresNodeDatabase(new PostgresStoreOptions { ConnectionString = connectionString });
        }

        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (server is null)
            return;
        await server.DisposeAsync();
        PostgresServer.Shared.DropDatabase(connectionString);
    }

    public void Dispose()
    {
        source.Dispose();
        back.Dispose();
    }

    [DatabaseFact]
    public async Task There_and_back_every_row_of_every_table_is_the_same_and_so_is_every_counter()
    {
        await source.FillAsync(rows: 60);
        await CopyAsync(source.Database, server);
        Assert.Equal(60L, await AskAsync<long>("SELECT count(*) FROM microblog.profile_uri u JOIN microblog.profile p ON p.id = u.profile AND p.uri = u.uri AND p.scope = u.scope"));
        Assert.Equal((1L << 52) + 1_000_000_001, await AskAsync<long>("SELECT last_value FROM microblog.event_numbers WHERE NOT is_called"));
        await CopyAsync(server, back.Database);
        Assert.Equal(source.Dump(), back.Dump());
        Assert.Empty(await server.FindDamageAsync(CancellationToken.None));
    }

    [DatabaseFact]
    public async Task A_copy_that_is_killed_again_and_again_ends_with_every_row_once()
    {
        await source.FillAsync(rows: 12_000);
        var kills = 0;
        while (!await KilledCopy.RunOrKillAsync(source.Name, "postgres:" + connectionString))
        {
            kills++;
            await using var store = CreateStore();
            Assert.Contains("is half a copy", (await ThrowsAsync(() => store.StartAsync(CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        }

        Assert.True(kills >= 3, $"only {kills} kills");
        await CopyAsync(server, back.Database);
        Assert.Equal(source.Dump(), back.Dump());
    }

    [DatabaseFact]
    public async Task A_node_starts_on_the_copy_and_draws_numbers_behind_the_copied_ones()
    {
        await source.FillAsync(rows: 20);
        await CopyAsync(source.Database, server);
        await using (var store = CreateStore())
        {
            await store.StartAsync(CancellationToken.None);
            using var drawn = store.Ids.Draw();
            Assert.True(drawn.Value > (1L << 52) + 19);
            Assert.True((await server.InspectAsync(CancellationToken.None)).IsInUse);
            Assert.Contains("is in use. Stop the node", (await ThrowsAsync(() => CopyAsync(server, back.Database))).Message, StringComparison.Ordinal);
            Assert.Contains("is in use. Stop the node", (await ThrowsAsync(() => CopyAsync(source.Database, server))).Message, StringComparison.Ordinal);
        }

        Assert.False((await server.InspectAsync(CancellationToken.None)).IsInUse);
        Assert.Contains("is not empty", (await ThrowsAsync(() => CopyAsync(source.Database, server))).Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_source_that_was_written_to_between_two_attempts_is_not_gone_on_from()
    {
        await source.FillAsync(rows: 7);
        await CopyAsync(source.Database, server);
        await InterruptAsync();
        await RunAsync("UPDATE microblog.profile SET bio = 'changed' WHERE id = (SELECT min(id) FROM microblog.profile)");
        Assert.Contains("before it was written to again", (await ThrowsAsync(() => CopyAsync(server, back.Database))).Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_source_that_was_only_looked_at_between_two_attempts_is_gone_on_from()
    {
        await source.FillAsync(rows: 7);
        await CopyAsync(source.Database, server);
        await InterruptAsync();
        await server.InspectAsync(CancellationToken.None);
        await server.FindDamageAsync(CancellationToken.None);
        await RunAsync("CREATE TABLE host (id integer); INSERT INTO host VALUES (1)");
        await CopyAsync(server, back.Database);
        Assert.Equal(source.Dump(), back.Dump());
    }

    [DatabaseFact]
    public async Task The_character_that_PostgreSQL_cannot_store_is_replaced_in_text_and_refused_in_a_key()
    {
        await source.FillAsync(rows: 2);
        source.Run("UPDATE microblog_profile SET bio = 'a' || char(0) || 'b'");
        await CopyAsync(source.Database, server);
        Assert.Equal("a\uFFFDb", await AskAsync<string>("SELECT min(bio) FROM microblog.profile"));

        await RunAsync("DROP SCHEMA microblog CASCADE");
        source.Run("UPDATE microblog_setting SET name = char(0) || name");
        Assert.Contains("0x00", (await ThrowsAsync(() => CopyAsync(source.Database, server))).Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task The_tool_creates_and_checks_it_and_never_prints_the_password()
    {
        var environment = new Dictionary<string, string> { ["MICROBLOG_DATABASE"] = $"postgres:{connectionString};Password=sesame" };
        foreach (var (command, code, words) in new[] { ("check", 1, "There is no node in it"), ("create", 0, "Created test_"), ("create", 2, "There is a node in"), ("upgrade", 0, "Nothing was changed"), ("check", 0, "All is well") })
        {
            var (actual, output) = await Tool.RunAsync(environment, "database", command);
            Assert.Contains(words, output, StringComparison.Ordinal);
            Assert.Equal(code, actual);
            Assert.DoesNotContain("sesame", output, StringComparison.Ordinal);
        }

        environment["MICROBLOG_DATABASE"] = $"postgres:{connectionString}_nowhere;Password=sesame";
        var (missing, said) = await Tool.RunAsync(environment, "database", "check");
        Assert.Equal(2, missing);
        Assert.Contains("no such database", said, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", said, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task The_queue_is_listed_while_the_node_runs()
    {
        await using var store = CreateStore();
        await store.StartAsync(CancellationToken.None);
        var (code, output) = await Tool.RunAsync("queue", "list", "--database", "postgres:" + connectionString);
        Assert.Contains("Nothing was given up.", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    private static Task<long> CopyAsync(INodeDatabase from, INodeDatabase to) => NodeCopy.RunAsync(from, to, null, CancellationToken.None).AsTask();

    private Task<IOException> InterruptAsync() => Assert.ThrowsAsync<IOException>(() => CopyAsync(server, new FailingDatabase(back.Database, 30)));

    private static Task<StoreException> ThrowsAsync(Func<Task> work) => Assert.ThrowsAsync<StoreException>(work);

    private PostgresStore CreateStore() => new(new PostgresStoreOptions { ConnectionString = connectionString }, TimeProvider.System, NullLogger<PostgresStore>.Instance);

    private async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Skipped where PostgreSQL is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseFactAttribute : FactAttribute
{
    public DatabaseFactAttribute() => Skip = PostgresServer.Missing;
}
