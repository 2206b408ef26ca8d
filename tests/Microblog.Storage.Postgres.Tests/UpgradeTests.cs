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

    private static ValueTask<SchemaState> ApplyAsync(NpgsqlConnection connection, params string[] scripts) =>
        SchemaUpgrade.ApplyAsync(connection, scripts, 0, NullLogger.Instance, CancellationToken.None);

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
