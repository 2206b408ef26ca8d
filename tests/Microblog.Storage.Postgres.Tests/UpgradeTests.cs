using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class UpgradeTests : IDisposable
{
    private readonly TempDatabase database = new(isEmpty: true);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Of_several_processes_that_start_together_one_makes_the_schema()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => database.CreateStore(TimeProvider.System)).ToList();

        await Task.WhenAll(stores.Select(store => store.StartAsync(CancellationToken.None).AsTask()));

        foreach (var store in stores)
        {
            Assert.Null(await store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), CancellationToken.None));
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_script_that_fails_changes_nothing_and_can_be_run_again()
    {
        await using var connection = await OpenAsync();
        await Assert.ThrowsAsync<PostgresException>(() =>
            ApplyAsync(connection, SchemaUpgrade.Scripts[0], "CREATE TABLE microblog.extra (id bigint); SELECT 1 / 0").AsTask());
        Assert.Null(await SchemaUpgrade.ReadStateAsync(connection, CancellationToken.None));

        var state = await ApplyAsync(connection, SchemaUpgrade.Scripts[0], "CREATE TABLE microblog.extra (id bigint)");

        Assert.Equal(2, state.Version);
        Assert.Equal(2, (await SchemaUpgrade.ReadStateAsync(connection, CancellationToken.None))!.Version);
    }

    [Fact]
    public async Task A_database_newer_than_the_code_is_refused_and_left_alone()
    {
        await using (var connection = await OpenAsync())
            await ApplyAsync(connection, [.. SchemaUpgrade.Scripts, "CREATE TABLE microblog.from_the_future (id bigint)"]);
        await using var store = database.CreateStore(new FakeTimeProvider());

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.StartAsync(CancellationToken.None).AsTask());

        Assert.Contains($"schema version {SchemaUpgrade.Scripts.Count + 1}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Install the newer Microblog", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Every_constraint_of_a_divided_table_contains_the_column_it_is_divided_by()
    {
        // The server refuses any other: the schema can be made is all there is to ask.
        await using var connection = await OpenAsync();
        await SchemaUpgrade.ApplyAsync(connection, SchemaUpgrade.Scripts, 4, NullLogger.Instance, CancellationToken.None);

        using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid WHERE c.relnamespace = 'microblog'::regnamespace", connection);
        var marked = SchemaUpgrade.Scripts.Sum(script => script.Split("{BY:").Skip(1).Count(rest => !rest.StartsWith("column", StringComparison.Ordinal)));
        Assert.Equal(marked, (long)(await command.ExecuteScalarAsync())!);
        Assert.Equal(4, (await SchemaUpgrade.ReadStateAsync(connection, CancellationToken.None))!.Partitions);
    }

    [Fact]
    public async Task What_is_kept_of_people_is_counted_once_from_what_an_earlier_version_left()
    {
        await using (var connection = await OpenAsync())
        {
            await ApplyAsync(connection, SchemaUpgrade.Scripts[0]);
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO microblog.notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                    reply_to_uri, conversation, mentions, tags, audience, extensions, is_deleted, see_also_inline, see_also_type, see_also_license)
                SELECT id, 'u' || id, author, '', '', '', visibility, false, is_remote, 0, 0, '', id, '', '', '', '', is_deleted, false, '', ''
                FROM (VALUES (10, 1, 0, false, false), (11, 1, 2, false, false), (12, 1, 3, false, false), (13, 1, 0, false, true), (14, 4, 0, true, false))
                    AS n (id, author, visibility, is_remote, is_deleted);
                INSERT INTO microblog.subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer, endpoint,
                    profile_endpoint, token, secret, created_at)
                SELECT id, subscriber, publisher, '', state, protocol, is_local, 'peer' || id, '', '', '', '', 0
                FROM (VALUES (20, 2, 1, 1, 'local', true), (21, 5, 1, 1, 'omb', false), (22, 1, 4, 1, 'omb', true), (23, 1, 2, 0, 'local', true),
                    (24, 6, 1, 2, 'local', true), (25, 7, 1, 3, '(archive)', false)) AS s (id, subscriber, publisher, state, protocol, is_local);
                """,
                connection);
            await command.ExecuteNonQueryAsync();
        }

        await using var store = database.CreateStore(TimeProvider.System);
        await store.StartAsync(CancellationToken.None);

        foreach (var (person, counts) in new[] { (1, new ProfileCounts(2, 2, 1, 0)), (2, new ProfileCounts(0, 0, 1, 0)), (4, default), (5, default), (6, default) })
        {
            Assert.Equal(counts, await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Profiles.CountAsync(new ProfileId(person), ct), CancellationToken.None));
        }
    }

    private static ValueTask<SchemaState> ApplyAsync(NpgsqlConnection connection, params string[] scripts) =>
        SchemaUpgrade.ApplyAsync(connection, scripts, 0, NullLogger.Instance, CancellationToken.None);

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
