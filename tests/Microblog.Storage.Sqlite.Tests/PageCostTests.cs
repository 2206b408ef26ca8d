using Microblog.Storage.Conformance;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>What SQLite itself counts while it reads a page.</summary>
public sealed class PageCostTests : StoreConformance
{
    private readonly TempDatabase database;

    public PageCostTests()
        : this(new TempDatabase())
    {
    }

    private PageCostTests(TempDatabase database)
        : base(database) => this.database = database;

    private delegate ValueTask<EntryPage> List(ITimelineReader lists, PageRequest page);

    [Fact]
    public async Task A_page_costs_the_same_however_much_lies_there_and_is_never_sorted()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await AddNoticesAsync(alice, zoe, 60);
        var middle = (await HomeAsync(alice))[30];
        await AddNoticesAsync(alice, zoe, 60);
        var few = await MeasureAsync(alice, middle);

        await AddNoticesAsync(alice, zoe, 3000);
        var many = await MeasureAsync(alice, middle);

        Assert.Equal(few, many);
        Assert.All(many, cost => Assert.Equal((20, 0, 0), (cost.Entries, cost.Sorts, cost.ScannedRows)));
    }

    [Fact]
    public async Task The_newest_notice_of_somebody_costs_the_same_however_many_there_are_and_nothing_is_sorted()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await AddNoticesAsync(alice, zoe, ITimelineReader.LatestLooked);
        var few = await MeasureAsync(session => LatestAsync(session, zoe, alice));

        await AddNoticesAsync(alice, zoe, 3000);
        var many = await MeasureAsync(session => LatestAsync(session, zoe, alice));

        Assert.Equal(few, many);
        Assert.Equal((1, 0, 0), (many.Entries, many.Sorts, many.ScannedRows));

        static async ValueTask<int> LatestAsync(SqliteSession session, Profile author, Profile viewer) =>
            (await session.Timelines.LatestAsync([author.Id], viewer.Id, None)).Count;
    }

    // All shared, so that most lists have to look for the reader's own entry by the notice.
    private async Task AddNoticesAsync(Profile alice, Profile zoe, int count)
    {
        var bob = await AddLocalAsync($"bob{count}{NewNoticeId()}");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        await Write(async session =>
        {
            for (var number = 0; number < count; number++)
            {
                var notice = RemoteNotice(his, $"https://there.example/{NewNoticeId()}") with { Tags = ["cats"], Mentions = [alice.Id] };
                await session.Notices.ReceiveAsync(
                    [new(notice, bob.Id), new(RemoteNotice(zoe, notice.Uri.Value) with { Mentions = [alice.Id] }, alice.Id)], None);
            }
        });
    }

    private async Task<Cost[]> MeasureAsync(Profile alice, NoticeId middle)
    {
        List[] lists =
        [
            (timelines, page) => timelines.HomeAsync(alice.Id, page, None),
            (timelines, page) => timelines.MentionsAsync(alice.Id, page, None),
            (timelines, page) => timelines.TagAsync("cats", alice.Id, page, None),
        ];
        PageRequest[] pages = [PageRequest.Newest(20), PageRequest.OlderThan(At(middle), 20), PageRequest.NewerThan(At(middle), 20)];
        var costs = new List<Cost>();
        foreach (var list in lists)
        {
            foreach (var page in pages)
                costs.Add(await MeasureAsync(async session => (await list(session.Timelines, page)).Count));
        }

        return [.. costs];
    }

    private async ValueTask<Cost> MeasureAsync(Func<SqliteSession, ValueTask<int>> read)
    {
        using var connection = new SqliteConnection(database.ConnectionString + ";Pooling=False");
        connection.Open();
        connection.Handle!.enable_sqlite3_next_stmt(true);
        using var reader = new SqliteDatabase(connection, isOwner: false);
        using var session = new SqliteSession(reader, Clock, Store.Ids.Horizon);
        Count(session, raw.SQLITE_STMTSTATUS_VM_STEP);
        Count(session, raw.SQLITE_STMTSTATUS_SORT);
        Count(session, raw.SQLITE_STMTSTATUS_FULLSCAN_STEP);
        var entries = await read(session);
        return new Cost(
            entries,
            Count(session, raw.SQLITE_STMTSTATUS_VM_STEP),
            Count(session, raw.SQLITE_STMTSTATUS_SORT),
            Count(session, raw.SQLITE_STMTSTATUS_FULLSCAN_STEP));
    }

    // Over all statements of the connection, from zero again afterwards.
    private static int Count(SqliteSession session, int counter)
    {
        var count = 0;
        for (var statement = raw.sqlite3_next_stmt(session.Database.Handle, null!); statement is not null;
            statement = raw.sqlite3_next_stmt(session.Database.Handle, statement))
            count += raw.sqlite3_stmt_status(statement, counter, 1);
        return count;
    }

    private sealed record Cost(int Entries, int Steps, int Sorts, int ScannedRows);
}
