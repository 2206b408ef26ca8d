using Microblog.Search;
using Microblog.Storage.Conformance;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class SearchUpgradeTests : StoreConformance
{
    private readonly TempDatabase database;

    public SearchUpgradeTests()
        : this(new TempDatabase())
    {
    }

    private SearchUpgradeTests(TempDatabase database)
        : base(database) => this.database = database;

    [Fact]
    public async Task What_was_there_before_there_was_an_index_is_taken_up_newest_first()
    {
        var alice = await AddLocalAsync("alice");
        var all = new List<NoticeId>();
        for (var number = 0; number < 25; number++)
            all.Add((await PublishAsync(alice, "old")).Id);
        all.Reverse();
        using (var host = database.OpenHost())
        using (var command = host.CreateCommand())
        {
            command.CommandText = SqliteIndex.Anew;
            command.ExecuteNonQuery();
        }

        Assert.Equal(all[0].AcceptedAt, (await MeasureAsync()).OlderThan);
        Assert.Equal(IndexResult.MoreOld, await StepAsync());
        Assert.Equal(all.Take(10), await FindAsync());
        var newer = await PublishAsync(alice, "old and new");
        Assert.Equal(IndexResult.MoreOld, await StepAsync());
        Assert.Equal(all.Take(20).Prepend(newer.Id), await FindAsync());
        Assert.Equal(IndexResult.Done, await StepAsync());
        Assert.Equal(all.Prepend(newer.Id), await FindAsync());
        Assert.Null((await MeasureAsync()).OlderThan);
        Assert.False((await MeasureAsync()).IsBehind);
    }

    private async Task<SearchState> MeasureAsync()
    {
        using var mark = Store.Ids.Draw();
        return await Read(session => session.Search.MeasureAsync(None));
    }

    private async Task<IndexResult> StepAsync()
    {
        var state = await MeasureAsync();
        return await Write(session => session.Search.IndexAsync(10, state.Horizon, None));
    }

    private async Task<NoticeId[]> FindAsync()
    {
        Assert.True(SearchQuery.TryParse("old", out var query, out _));
        return IdsOf(await Read(session => session.Search.NoticesAsync(query, default, null, 100, None)));
    }
}
