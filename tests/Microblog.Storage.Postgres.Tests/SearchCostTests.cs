using System.Globalization;
using Microblog.Testing;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class SearchCostTests : IDisposable
{
    private readonly TempDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_search_asks_costs_what_lies_beyond_the_horizon_also_where_it_first_asked_an_empty_database()
    {
        await using var store = database.CreateStore(clock);
        await store.StartAsync(CancellationToken.None);
        await using var explained = await Explained.OpenAsync(database);
        // As often as a plan is made for the values alone, and a few times more.
        for (var i = 0; i < 10; i++)
            await AskAsync(explained, horizon: 1);
        explained.Take(0);

        // Nobody has counted them yet. All but the last thousand lie below the horizon, and those are taken up too.
        await FillAsync(20_000);
        await AskAsync(explained, horizon: 19_000);

        // Each is looked at by two questions, in ten or so steps of a plan.
        Assert.InRange(explained.Take(0).Rows, 1_000, 30_000);
    }

    private async Task AskAsync(Explained explained, long horizon)
    {
        await using (var transaction = await explained.Connection.BeginTransactionAsync())
        {
            var session = new PostgresSession(explained.Connection, [], new DatabaseClock(clock), horizon, isReadOnly: false);
            await session.Search.MeasureAsync(default);
            await session.Search.IndexAsync(50, horizon, default);
            await session.FlushAsync();
            await transaction.CommitAsync();
        }
    }

    private async Task FillAsync(int count)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection);
        var numbers = string.Create(CultureInfo.InvariantCulture, $"generate_series(1, {count}) AS i");
        string[] statements =
        [
            "INSERT INTO microblog.notice SELECT i, 'tag:' || i, 2, 'hello', '', '', 0, false, false, false, 0, 0, '', 1, NULL, NULL, NULL, NULL, '', '', '', '' FROM " + numbers,
            "INSERT INTO microblog.search_document SELECT 0, i, 'hello' FROM " + numbers,
            "UPDATE microblog.search_state SET position = 18999",
        ];
        foreach (var sql in statements)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        await batch.ExecuteNonQueryAsync();
    }
}
