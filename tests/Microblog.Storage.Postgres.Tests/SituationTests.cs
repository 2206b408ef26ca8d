using System.Diagnostics;
using Microblog.TestServers;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>What an operator gets to read when something is wrong, and that nothing acknowledged is lost by it.</summary>
public sealed class SituationTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_wrong_password_is_called_that()
    {
        using var server = PostgresServer.Start(isDurable: false);
        await RunAsync(server.ConnectionString("postgres"), "CREATE ROLE site LOGIN PASSWORD 'right'");
        var rules = Path.Combine(server.Data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, "host all site 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(rules));
        await RunAsync(server.ConnectionString("postgres"), "SELECT pg_reload_conf()");

        var exception = await RefusalAsync(server.ConnectionString("postgres").Replace("Username=test", "Username=site;Password=wrong", StringComparison.Ordinal));

        Assert.Contains("refuses this user or password", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_called_that()
    {
        string address;
        using (var server = PostgresServer.Start(isDurable: false))
            address = server.ConnectionString("postgres");

        var exception = await RefusalAsync(address);

        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_called_that() =>
        Assert.Contains(
            "no such database",
            (await RefusalAsync(PostgresServer.Shared.ConnectionString("nowhere"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_full_server_is_called_that_and_served_again_when_there_is_room()
    {
        using var server = PostgresServer.Start(isDurable: false, "max_connections=8", "max_wal_senders=0");
        var others = new List<NpgsqlConnection>();
        try
        {
            while (true)
            {
                var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                others.Add(connection);
            }
        }
        catch (PostgresException)
        {
            // Full.
        }

        var exception = await RefusalAsync(server.ConnectionString("postgres"));
        foreach (var connection in others)
            await connection.DisposeAsync();

        Assert.Contains("takes no more connections", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsTransient);
        await using var store = Create(server.ConnectionString("postgres") + ";Maximum Pool Size=3");
        await store.StartAsync(None);
        await SetAsync(store, "value");
    }

    [Fact]
    public async Task A_process_that_needs_more_connections_than_it_may_have_says_so_and_goes_on_later()
    {
        await using var store = database.CreateStore(
            TimeProvider.System, options => options.ConnectionString += ";Maximum Pool Size=3;Timeout=1");
        await store.StartAsync(None);
        await SetAsync(store, "before");
        await using var host = new NpgsqlConnection(database.ConnectionString);
        await host.OpenAsync();
        List<Task<bool>> waiting;
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand("SELECT 1 FROM microblog.setting WHERE name = 'key' FOR UPDATE", host))
                await command.ExecuteNonQueryAsync();
            // More than there are connections, all behind one lock.
            waiting = [.. Enumerable.Range(0, 6).Select(_ => SetAsync(store, "after"))];
            var first = await Assert.ThrowsAsync<StoreException>(() => Task.WhenAny(waiting).Unwrap());
            Assert.Contains("Maximum Pool Size", first.Message, StringComparison.Ordinal);
            Assert.True(first.IsTransient);
            Assert.False(first.IsOutcomeUnknown);
        }

        await Task.WhenAll(waiting).ContinueWith(static _ => { }, TaskScheduler.Default);
        await SetAsync(store, "later");
        Assert.Contains(waiting, task => task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_database_that_may_only_be_read_is_called_that()
    {
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await RunAsync(database.ConnectionString, $"ALTER DATABASE {name} SET default_transaction_read_only = on");
        NpgsqlConnection.ClearAllPools();

        var exception = await RefusalAsync(database.ConnectionString);

        Assert.Contains("read-only", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_is_ended_by_the_server_and_not_by_an_earlier_time_out_of_the_connection()
    {
        var options = new PostgresStoreOptions { ConnectionString = "Host=there.example", StatementTimeout = TimeSpan.FromHours(1) };

        using var source = PostgresConnections.Create(options.ConnectionString, options);
        using var other = PostgresConnections.Create(options.ConnectionString + ";Command Timeout=7", options);

        Assert.True(new NpgsqlConnectionStringBuilder(source.ConnectionString).CommandTimeout > 3_600);
        Assert.Equal(7, new NpgsqlConnectionStringBuilder(other.ConnectionString).CommandTimeout);
    }

    [Fact]
    public void What_the_connection_string_leaves_open_is_set_and_what_it_says_stays()
    {
        var options = new PostgresStoreOptions { ConnectionString = "Host=there.example" };

        using var source = PostgresConnections.Create(options.ConnectionString, options);
        using var other = PostgresConnections.Create(options.ConnectionString + ";Maximum Pool Size=7;Max Auto Prepare=8", options);

        var (open, said) = (new NpgsqlConnectionStringBuilder(source.ConnectionString), new NpgsqlConnectionStringBuilder(other.ConnectionString));
        Assert.Equal((30, 200), (open.MaxPoolSize, open.MaxAutoPrepare));
        Assert.Equal((7, 8), (said.MaxPoolSize, said.MaxAutoPrepare));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_ended_and_nothing_of_its_transaction_is_stored()
    {
        await using var store = database.CreateStore(TimeProvider.System, options => options.StatementTimeout = TimeSpan.FromMilliseconds(200));
        await store.StartAsync(None);
        await SetAsync(store, "before");
        await using var host = new NpgsqlConnection(database.ConnectionString);
        await host.OpenAsync();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand("LOCK TABLE microblog.setting IN ACCESS EXCLUSIVE MODE", host))
                await command.ExecuteNonQueryAsync();
            var exception = await Assert.ThrowsAsync<StoreException>(() => store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), None).AsTask());
            Assert.True(exception.IsTransient);
        }

        Assert.Equal("before", await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), None));
    }

    [TmpfsFact]
    public async Task A_full_disk_is_called_that_and_what_was_acknowledged_before_is_there()
    {
        using var disk = new SmallDisk();
        await RunAsync(PostgresServer.Shared.ConnectionString("postgres"), $"CREATE TABLESPACE small LOCATION '{disk.Path}'");
        await RunAsync(PostgresServer.Shared.ConnectionString("postgres"), "CREATE DATABASE on_small TABLESPACE small");
        try
        {
            await using var store = Create(PostgresServer.Shared.ConnectionString("on_small"));
            await store.StartAsync(None);
            var acknowledged = 0;
            // Random, because PostgreSQL compresses.
            var exception = await Assert.ThrowsAsync<StoreException>(async () =>
            {
                for (; acknowledged < 1_000; acknowledged++)
                {
                    await store.ExecuteAsync(
                        async (session, ct) =>
                        {
                            await session.Settings.SetAsync($"key-{acknowledged}", Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(200_000)), ct);
                            return true;
                        },
                        None);
                }
            });

            Assert.Contains("disk is full", exception.Message, StringComparison.Ordinal);
            for (var i = 0; i < acknowledged; i++)
                Assert.NotNull(await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync($"key-{i}", ct), None));
            Assert.Null(await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync($"key-{acknowledged}", ct), None));
        }
        finally
        {
            PostgresServer.Shared.DropDatabase(PostgresServer.Shared.ConnectionString("on_small"));
            await RunAsync(PostgresServer.Shared.ConnectionString("postgres"), "DROP TABLESPACE small");
        }
    }

    [Fact]
    public async Task After_a_restart_of_the_server_everything_acknowledged_is_there_and_work_goes_on()
    {
        using var server = PostgresServer.Start(isDurable: true);
        await using var store = Create(server.ConnectionString("postgres"));
        await store.StartAsync(None);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SetAsync(store, "before")));

        server.Restart();

        // The connections of the pool are dead, and nobody has to know.
        Assert.Equal("before", await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), None));
        await SetAsync(store, "after");
        Assert.Equal("after", await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), None));
    }

    private static PostgresStore Create(string connectionString) => new(
        new PostgresStoreOptions { ConnectionString = connectionString }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresStore>.Instance);

    private static async Task<StoreException> RefusalAsync(string connectionString)
    {
        await using var store = Create(connectionString);
        return await Assert.ThrowsAsync<StoreException>(() => store.StartAsync(None).AsTask());
    }

    private static Task<bool> SetAsync(PostgresStore store, string value) => store.ExecuteAsync(
        async (session, ct) =>
        {
            await session.Settings.SetAsync("key", value, ct);
            return true;
        },
        None).AsTask();

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A disk of 48 MB in memory.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-disk-");

        public SmallDisk()
        {
            Run("mount", "-t", "tmpfs", "-o", "size=48m,mode=0777", "tmpfs", directory.FullName);
            Path = Directory.CreateDirectory(System.IO.Path.Combine(directory.FullName, "space")).FullName;
            Run("chown", "nobody", Path);
        }

        public string Path { get; }

        public void Dispose()
        {
            Run("umount", directory.FullName);
            directory.Delete(recursive: true);
        }

        private static void Run(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }

    /// <summary>Needs the right to mount, which root has; elsewhere it is skipped, in CI too.</summary>
    private sealed class TmpfsFactAttribute : FactAttribute
    {
        public TmpfsFactAttribute()
        {
            if (!Environment.IsPrivilegedProcess)
                Skip = "Only root may mount a small disk.";
        }
    }
}
