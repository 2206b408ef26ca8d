using Microblog.Testing;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class DurabilityTests
{
    private const int Count = 50;

    public DurabilityTests() => TempDatabase.SkipWithoutServer();

    /// <summary>One after the other: what several write together may share a synchronisation.</summary>
    [Fact]
    public async Task The_log_is_synchronised_for_each_acknowledgement()
    {
        using var server = PostgresServer.Start(isDurable: true);
        var options = new PostgresStoreOptions { ConnectionString = server.CreateDatabase() };
        long before;
        await using (var store = new PostgresStore(options, new FakeTimeProvider(), NullLogger<PostgresStore>.Instance))
        {
            await store.StartAsync(CancellationToken.None);
            before = await SynchronisedAsync(server, 0);
            for (var number = 0; number < Count; number++)
                Assert.Equal("there", await AddAsync(store, $"{number}"));
        }

        await SynchronisedAsync(server, before + Count);
    }

    private static ValueTask<string> AddAsync(PostgresStore store, string key) =>
        store.ExecuteAsync((session, token) => session.Settings.AddAsync(key, "there", token), CancellationToken.None);

    // A server process tells its count when it has ended, or after a second.
    private static async Task<long> SynchronisedAsync(PostgresServer server, long atLeast)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (true)
        {
            // From version 18 on it is counted with the rest of input and output.
            await using var command = source.CreateCommand(
                (await ScalarAsync(source, "SELECT current_setting('server_version_num')::bigint")) >= 180_000
                    ? "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
                    : "SELECT wal_sync FROM pg_stat_wal");
            var synchronised = (long)(await command.ExecuteScalarAsync())!;
            if (synchronised >= atLeast)
                return synchronised;
            Assert.False(patience.IsCancellationRequested, $"{synchronised} synchronisations, {atLeast} expected");
            await Task.Delay(50);
        }
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
