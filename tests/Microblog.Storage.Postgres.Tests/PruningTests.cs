using Microblog.Testing;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class PruningTests : IDisposable
{
    private readonly TempDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_another_process_is_pruning_is_passed_over_without_waiting()
    {
        await using var store = database.CreateStore(clock);
        await store.StartAsync(default);
        var now = clock.GetUtcNow();
        for (var number = 0; number < 3; number++)
        {
            await store.ExecuteAsync((session, ct) => session.Credentials.OnceAsync(new OnceKey("scope", $"{number}", now), ct), default);
            await store.ExecuteAsync((session, ct) => session.Credentials.AddAsync(Credential($"{number}", now), 100, ct), default);
        }

        await using var other = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await other.OpenConnectionAsync();
        await using (await connection.BeginTransactionAsync())
        {
            await RunAsync(connection, "DELETE FROM microblog.once WHERE key = '0'");
            await RunAsync(connection, "DELETE FROM microblog.credential WHERE token = '1'");

            Assert.Equal(4, await PruneAsync(store, now));
        }

        Assert.Equal(2, await PruneAsync(store, now));
    }

    private static async Task<int> PruneAsync(PostgresStore store, DateTimeOffset now) =>
        await store.ExecuteAsync((session, ct) => session.Credentials.PruneAsync(now + TimeSpan.FromSeconds(1), 100, ct), default);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static Credential Credential(string token, DateTimeOffset expires) =>
        new() { Scope = "scope", Token = token, State = CredentialState.Pending, Expires = expires };
}
