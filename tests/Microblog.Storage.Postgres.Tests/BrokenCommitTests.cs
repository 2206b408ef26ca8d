using System.Globalization;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>The connection breaks while a transaction is being committed. What was not stored is never acknowledged, what was stored never stored
/// again, and when nobody can tell, that is said.</summary>
public sealed class BrokenCommitTests : IAsyncLifetime
{
    private const string IsWaiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'microblog' AND wait_event = ";
    private const string EndWaiting = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'microblog' AND wait_event = ";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private PostgresServer server = null!;
    private int runs;

    public BrokenCommitTests() => TempDatabase.SkipWithoutServer();

    private PostgresStore Store { get; set; } = null!;

    public async Task InitializeAsync()
    {
        server = PostgresServer.Start(isDurable: false);
        Store = new PostgresStore(
            new PostgresStoreOptions { ConnectionString = server.ConnectionString("postgres") }, TimeProvider.System, NullLogger<PostgresStore>.Instance);
        await Store.StartAsync(None);
    }

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        server.Dispose();
    }

    [Fact]
    public async Task What_was_not_committed_when_the_connection_broke_is_not_acknowledged()
    {
        await using var host = await HoldCommitsBackAsync();
        var writing = WriteAsync();
        await WaitForAsync(IsWaiting + "'advisory'");

        await AskAsync(EndWaiting + "'advisory'");
        await host.DisposeAsync();

        var exception = await Record.ExceptionAsync(() => writing).WaitAsync(Limit);
        // Whoever finds out that nothing is stored may also run the work again.
        Assert.Equal(exception is null ? runs : 0, await CountAsync());
        Assert.InRange(await CountAsync(), 0, 1);
        Assert.True(exception is null or StoreException { IsOutcomeUnknown: true } or StoreException { IsTransient: true });
    }

    [Fact]
    public async Task What_was_committed_when_the_connection_broke_is_not_stored_again()
    {
        // On its disk the server has it, and waits for a standby that there is not before it says so.
        await AskAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await AskAsync("SELECT count(*) FROM pg_reload_conf()");
        var writing = WriteAsync();
        await WaitForAsync(IsWaiting + "'SyncRep'");

        await AskAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await AskAsync(EndWaiting + "'SyncRep'");
        await AskAsync("SELECT count(*) FROM pg_reload_conf()");

        var exception = await Record.ExceptionAsync(() => writing).WaitAsync(Limit);
        Assert.Equal(1, runs);
        Assert.Equal(1, await CountAsync());
        Assert.True(exception is null or StoreException { IsOutcomeUnknown: true, IsTransient: false });
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_whether_it_was_committed_that_is_said()
    {
        await using var host = await HoldCommitsBackAsync();
        var writing = WriteAsync();
        await WaitForAsync(IsWaiting + "'advisory'");

        server.Stop();

        var exception = await Assert.ThrowsAsync<StoreException>(() => writing).WaitAsync(Limit);
        Assert.True(exception.IsOutcomeUnknown);
        Assert.False(exception.IsTransient);
        Assert.Equal(1, runs);
        server.Start();
    }

    // A deferred constraint is checked inside the commit, and this one waits for the host.
    private async Task<NpgsqlConnection> HoldCommitsBackAsync()
    {
        await AskAsync(
            """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_advisory_xact_lock(7);
                    RETURN NULL;
                END $$
            """);
        await AskAsync(
            "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON microblog.setting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
        var host = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await host.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(7)", host);
        await command.ExecuteNonQueryAsync();
        return host;
    }

    // A row more with each run.
    private async Task WriteAsync() => await Store.ExecuteAsync(
        async (session, ct) =>
        {
            await session.Settings.SetAsync($"test {++runs}", "value", ct);
            return true;
        },
        None);

    private Task<long> CountAsync() => AskAsync("SELECT count(*) FROM microblog.setting WHERE name LIKE 'test %'");

    private async Task WaitForAsync(string sql)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await AskAsync(sql) == 0)
            limit.Token.ThrowIfCancellationRequested();
    }

    // Asynchronously for the disk, for it must not wait for the standby itself.
    private async Task<long> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false;Options=-c synchronous_commit=off");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
