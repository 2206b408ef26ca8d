using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A standby made by pg_basebackup, whose replay stops and goes on.</summary>
public sealed class ReplicaTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PostgresServer? primary;
    private readonly PostgresServer? replica;

    public ReplicaTests()
    {
        if (PostgresServer.Missing is { } reason)
            throw new InvalidOperationException("$XunitDynamicSkip$" + reason);
        primary = PostgresServer.Start(isDurable: false);
        replica = primary.StartReplica();
    }

    public void Dispose()
    {
        replica?.Dispose();
        primary?.Dispose();
    }

    [Fact]
    public async Task With_the_replay_paused_the_author_sees_the_own_post_and_others_read_the_replica()
    {
        await using var store = await StartAsync();
        var alice = await AddAsync(store, "alice");
        var first = await PublishAsync(store, alice);
        await CatchUpAsync();
        await OnReplicaAsync("SELECT pg_wal_replay_pause()");

        var second = await PublishAsync(store, alice);

        Assert.Equal([second, first], await PublicAsync(store, Freshness.Latest));
        Assert.Equal([first], await PublicAsync(store, Freshness.MayLag));

        await OnReplicaAsync("SELECT pg_wal_replay_resume()");
        await CatchUpAsync();
        Assert.Equal([second, first], await PublicAsync(store, Freshness.MayLag));
    }

    [Fact]
    public async Task Whoever_goes_on_from_a_page_of_a_replica_that_lags_misses_nothing()
    {
        await using var store = await StartAsync();
        var alice = await AddAsync(store, "alice");
        var first = await PublishAsync(store, alice);
        await CatchUpAsync();
        await OnReplicaAsync("SELECT pg_wal_replay_pause()");
        var second = await PublishAsync(store, alice);

        var page = await HomeAsync(store, alice, Freshness.MayLag, PageRequest.Newest(10));

        Assert.Equal([first], page.Select(entry => entry.Notice.Id));
        var next = await HomeAsync(store, alice, Freshness.Latest, PageRequest.NewerThan(page.Next, 10));
        Assert.Contains(second, next.Select(entry => entry.Notice.Id));
    }

    [Fact]
    public async Task While_the_replica_is_away_the_primary_answers()
    {
        await using var store = await StartAsync();
        var alice = await AddAsync(store, "alice");
        var notice = await PublishAsync(store, alice);
        replica!.Stop();

        Assert.Equal([notice], await PublicAsync(store, Freshness.MayLag));
    }

    private async Task<PostgresStore> StartAsync()
    {
        var store = new PostgresStore(
            new PostgresStoreOptions
            {
                ConnectionString = primary!.ConnectionString("postgres"),
                ReplicaConnectionString = replica!.ConnectionString("postgres"),
                HorizonMaxAge = TimeSpan.Zero,
            },
            TimeProvider.System,
            NullLogger<PostgresStore>.Instance);
        await store.StartAsync(None);
        return store;
    }

    private static async Task<ProfileId> AddAsync(PostgresStore store, string nickname)
    {
        using var drawn = store.Ids.Draw();
        await store.ExecuteAsync(
            (session, ct) => session.Profiles.AddLocalAsync(
                new Profile
                {
                    Id = drawn.Profile,
                    Uri = ProfileUri.Parse($"https://here.example/person/{nickname}"),
                    Nickname = nickname,
                    Url = $"https://here.example/{nickname}",
                    IsLocal = true,
                    License = "",
                },
                nickname,
                ct),
            None);
        return drawn.Profile;
    }

    private static async Task<NoticeId> PublishAsync(PostgresStore store, ProfileId author)
    {
        using var drawn = store.Ids.Draw();
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Notices.PublishAsync(
                    new Notice
                    {
                        Id = drawn.Notice,
                        Uri = NoticeUri.Parse($"https://here.example/notice/{drawn.Value}"),
                        Author = author,
                        Content = "hello",
                        Url = $"https://here.example/notice/{drawn.Value}",
                        License = "",
                        Conversation = drawn.Notice,
                    },
                    ct);
                return true;
            },
            None);
        return drawn.Notice;
    }

    private static async Task<IEnumerable<NoticeId>> PublicAsync(PostgresStore store, Freshness freshness) =>
        (await store.ReadAsync(freshness, (session, ct) => session.Timelines.PublicAsync(default, PageRequest.Newest(10), ct), None))
            .Select(entry => entry.Notice.Id);

    private static ValueTask<EntryPage> HomeAsync(PostgresStore store, ProfileId owner, Freshness freshness, PageRequest page) =>
        store.ReadAsync(freshness, (session, ct) => session.Timelines.HomeAsync(owner, page, ct), None);

    private async Task CatchUpAsync()
    {
        var written = await ScalarAsync(primary!, "SELECT pg_current_wal_insert_lsn()::text");
        while (!(bool)(await ScalarAsync(replica!, $"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"))!)
            await Task.Yield();
    }

    private Task<object?> OnReplicaAsync(string sql) => ScalarAsync(replica!, sql);

    private static async Task<object?> ScalarAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
