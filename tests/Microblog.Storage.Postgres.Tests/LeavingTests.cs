using Microblog.Testing;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class LeavingTests : IDisposable
{
    private readonly TempDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Whoever_has_more_subscribers_than_go_at_once_leaves_all_the_same()
    {
        await using var store = database.CreateStore(clock, static options => options.IdleTimeout = TimeSpan.FromSeconds(20));
        await store.StartAsync(default);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        // Person 1 is heard from 21,000 endpoints of 7 hosts, hears 10, and shares the first host with person 2.
        await RunAsync(
            source,
            """
            INSERT INTO microblog.subscription SELECT n, 1000000 + n, 1, 'u:1', 1, 'omb', false, '', 'https://h/' || n, '', '', '', 0
                FROM generate_series(1, 21000) n;
            INSERT INTO microblog.subscription SELECT 30000 + n, 1, n, 'u:' || n, 0, 'local', true, '', '', '', '', '', 0
                FROM generate_series(10, 19) n;
            INSERT INTO microblog.subscription VALUES (40000, 1000001, 2, 'u:2', 1, 'omb', false, '', 'https://h/1', '', '', '', 0);
            INSERT INTO microblog.destination (id, protocol, host, next_due) SELECT n, 'omb', 'h' || n, 5 FROM generate_series(0, 6) n;
            INSERT INTO microblog.lane (id, author, protocol, endpoint, destination, follows_log, position, due_at)
                SELECT n, 1, 'omb', 'https://h/' || n, n % 7, true, 0, 5 FROM generate_series(1, 21000) n;
            INSERT INTO microblog.lane (id, author, protocol, endpoint, destination, follows_log, position, due_at)
                VALUES (40000, 2, 'omb', 'https://h/1', 0, true, 0, 9);
            INSERT INTO microblog.event (author, lane, destination, kind, notice, data, at)
                SELECT 1, n, n % 7, 1, 0, '', 0 FROM generate_series(1, 21000) n;
            INSERT INTO microblog.event (author, lane, destination, kind, notice, data, at) VALUES (1, 0, 0, 1, 0, '', 0);
            ANALYZE;
            """);

        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Subscriptions.EndAllAsync(new ProfileId(1), ct);
                return true;
            },
            default);

        Assert.Equal(1, await CountAsync(source, "microblog.subscription WHERE state <> 2"));
        Assert.Equal(1, await CountAsync(source, "microblog.lane"));
        Assert.Equal(1, await CountAsync(source, "microblog.event"));
        Assert.Equal(1, await CountAsync(source, "microblog.destination"));
        Assert.Equal(1, await CountAsync(source, "microblog.destination WHERE id = 0 AND next_due = 9"));
        Assert.Equal(1, await CountAsync(source, "(SELECT DISTINCT author FROM microblog.prunable) marked WHERE author = 1"));
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string from)
    {
        await using var command = source.CreateCommand("SELECT count(*) FROM " + from);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
