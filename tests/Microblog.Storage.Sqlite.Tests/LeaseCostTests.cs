using Microblog.Delivery;
using Microblog.Storage.Conformance;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>What SQLite itself counts while lanes are leased and settled.</summary>
public sealed class LeaseCostTests : StoreConformance
{
    private readonly TempDatabase database;

    public LeaseCostTests()
        : this(new TempDatabase())
    {
    }

    private LeaseCostTests(TempDatabase database)
        : base(database) => this.database = database;

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task A_destination_with_a_million_waiting_deliveries_slows_neither_another_one_nor_leasing()
    {
        var alice = await AddLocalAsync("alice");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("bob"), alice));
        var notice = LocalNotice(alice);
        await Write(async session =>
        {
            await session.Notices.PublishAsync(notice, None);
            await session.Deliveries.EnqueueAsync(EventOf(notice), None);
        });
        Assert.Equal(3_000, Fill(authors: 5, lanes: 20, events: 30));
        var few = await MeasureAsync(alice);

        Assert.Equal(1_000_000, Fill(authors: 100, lanes: 100, events: 100));
        var many = await MeasureAsync(alice);

        Assert.Equal(few, many);
        Assert.All(few, cost => Assert.Equal((0, 0), (cost.Sorts, cost.ScannedRows)));
    }

    private async Task<List<Cost>> MeasureAsync(Profile alice)
    {
        using var connection = Open();
        connection.Handle!.enable_sqlite3_next_stmt(true);
        using var writer = new SqliteDatabase(connection, isOwner: false);
        using var session = new SqliteSession(writer, Clock, Store.Ids.Horizon);
        var costs = new List<Cost>();
        writer.Run("BEGIN IMMEDIATE");

        var (first, second) = (await LeaseFromBigAsync(), await LeaseFromBigAsync());
        Assert.Equal(["big.example"], first.Lanes.Concat(second.Lanes).Select(lane => lane.Lane.Destination).Distinct());
        Assert.Equal(8, first.Lanes.Count + second.Lanes.Count);

        // It has no room left, so that the other one's turn comes.
        var other = await CountAsync(() => LeaseAsync(session));
        Assert.Equal("there.example", Assert.Single(other.Lanes).Lane.Destination);
        Assert.Equal(1, await CountAsync(() => session.Deliveries.SettleAsync([Done(other, other.Lanes[0])], None)));
        Assert.Equal(4, await CountAsync(() => session.Deliveries.SettleAsync([.. first.Lanes.Select(lane => Done(first, lane))], None)));
        Assert.Equal(4, await CountAsync(() => session.Deliveries.SettleAsync(
            [.. second.Lanes.Select(lane => Done(second, lane) with { Through = 0, RetryAt = Clock.GetUtcNow().AddMinutes(1), Failure = "no answer", IsDestinationFailing = true })],
            None)));
        await CountAsync(async () =>
        {
            await session.Deliveries.EnqueueAsync(EventOf(LocalNotice(alice)), None);
            return true;
        });
        Assert.Single((await CountAsync(() => LeaseAsync(session))).Lanes);

        writer.Run("ROLLBACK");
        return costs;

        ValueTask<Lease> LeaseFromBigAsync() => CountAsync(() => LeaseAsync(session));

        async ValueTask<T> CountAsync<T>(Func<ValueTask<T>> act)
        {
            Count(session);
            var result = await act();
            costs.Add(Count(session));
            return result;
        }
    }

    private static ValueTask<Lease> LeaseAsync(SqliteSession session) =>
        session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 4, 20, 8, false), None);

    private static LaneSettlement Done(Lease lease, LeasedLane lane) => new(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false);

    // In place of what was there. Each lane reads the whole log of its author.
    private long Fill(int authors, int lanes, int events)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            BEGIN IMMEDIATE;
            DELETE FROM microblog_lane WHERE author <= 1000;
            DELETE FROM microblog_event WHERE author <= 1000;
            INSERT OR REPLACE INTO microblog_destination (id, protocol, host, next_due) VALUES (1000000, 'omb', 'big.example', 1);
            WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < $authors), e(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM e WHERE n < $events)
            INSERT INTO microblog_event (author, lane, destination, kind, notice, data, at) SELECT a.n, 0, 0, 0, 1, '', 1 FROM a CROSS JOIN e;
            WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < $authors), l(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM l WHERE n < $lanes)
            INSERT INTO microblog_lane (author, protocol, endpoint, destination, follows_log, position, due_at)
                SELECT a.n, 'omb', 'https://big.example/' || l.n, 1000000, 1, 0, 1 FROM a CROSS JOIN l;
            COMMIT;
            SELECT count(*) * $events FROM microblog_lane WHERE destination = 1000000 AND position = 0;
            """;
        command.Parameters.AddWithValue("$authors", authors);
        command.Parameters.AddWithValue("$lanes", lanes);
        command.Parameters.AddWithValue("$events", events);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(database.ConnectionString + ";Pooling=False");
        connection.Open();
        return connection;
    }

    // Over all statements of the connection, from zero again afterwards.
    private static Cost Count(SqliteSession session)
    {
        var (steps, sorts, scanned) = (0, 0, 0);
        for (var statement = raw.sqlite3_next_stmt(session.Database.Handle, null!); statement is not null;
            statement = raw.sqlite3_next_stmt(session.Database.Handle, statement))
        {
            steps += raw.sqlite3_stmt_status(statement, raw.SQLITE_STMTSTATUS_VM_STEP, 1);
            sorts += raw.sqlite3_stmt_status(statement, raw.SQLITE_STMTSTATUS_SORT, 1);
            scanned += raw.sqlite3_stmt_status(statement, raw.SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
        }

        return new Cost(steps, sorts, scanned);
    }

    private sealed record Cost(int Steps, int Sorts, int ScannedRows);
}
