using System.Collections.Concurrent;
using Microblog.Delivery;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>The delivery queue when several processes lease, settle and publish at once.</summary>
public abstract class QueueTests : IAsyncLifetime
{
    private const int PerDestination = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TempDatabase database;
    private readonly List<PostgresStore> stores = [];
    private readonly ConcurrentQueue<(long Lane, long Event)> delivered = new();
    private readonly ConcurrentDictionary<string, int> sending = new();
    private int most;

    private protected QueueTests(TempDatabase database) => this.database = database;

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        for (var number = 0; number < 2; number++)
        {
            var store = database.CreateStore(TimeProvider.System, options => options.IdleTimeout = TimeSpan.FromMinutes(1));
            await store.StartAsync(None);
            stores.Add(store);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var store in stores)
            await store.DisposeAsync();
        database.Dispose();
    }

    [Fact]
    public async Task Eight_workers_of_two_processes_deliver_2000_lanes_once_each_and_never_too_many_to_one_destination()
    {
        await FillAsync(authors: 20, destinations: 100);
        for (var author = 1; author <= 20; author++)
            await PublishAsync(author);

        await WorkAsync(expected: 2_000);

        Assert.Equal(2_000, delivered.Distinct().Count());
        Assert.Equal(2_000, delivered.Count);
        Assert.InRange(most, 1, PerDestination);
        Assert.Equal(0, (await MeasureAsync()).Lanes);
        Assert.Equal(0, await DeadlocksAsync());
    }

    [Fact]
    public async Task What_is_published_while_others_lease_and_settle_arrives_once_and_in_order_and_nobody_meets_a_deadlock()
    {
        const int PerAuthor = 30;
        await FillAsync(authors: 4, destinations: 25);

        var publishing = Enumerable.Range(1, 4).Select(author => Task.Run(async () =>
        {
            for (var number = 0; number < PerAuthor; number++)
                await PublishAsync(author);
        }));
        await Task.WhenAll([WorkAsync(expected: 4 * 25 * PerAuthor), .. publishing]);

        Assert.Equal(delivered.Count, delivered.Distinct().Count());
        Assert.All(delivered.GroupBy(item => item.Lane), lane =>
        {
            Assert.Equal(PerAuthor, lane.Count());
            Assert.Equal(lane.Select(item => item.Event).Order(), lane.Select(item => item.Event));
        });
        Assert.InRange(most, 1, PerDestination);
        Assert.Equal(0, await DeadlocksAsync());
    }

    [Fact]
    public async Task A_lease_that_another_process_has_taken_over_settles_nothing()
    {
        await FillAsync(authors: 1, destinations: 3);
        await PublishAsync(author: 1);
        var lost = await LeaseAsync(stores[0], TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, lost.Lanes.Count);
        var taken = await UntilAsync(() => LeaseAsync(stores[1], TimeSpan.FromMinutes(1)), lease => lease.Lanes.Count == 3);

        Assert.Equal(0, await SettleAsync(stores[0], lost));
        Assert.Equal(3, (await MeasureAsync()).Lanes);
        Assert.Equal(3, await SettleAsync(stores[1], taken));
        Assert.Equal(0, (await MeasureAsync()).Lanes);
    }

    [Fact]
    public async Task The_limit_of_a_destination_counts_what_another_process_is_just_leasing()
    {
        await FillAsync(authors: 2 * PerDestination, destinations: 1);
        var (published, leased) = (new TaskCompletionSource(), new TaskCompletionSource());
        // These come due first and are seen last, so that the other process does not meet the lanes that are leased here.
        var publishing = stores[0].ExecuteAsync(
            async (session, _) =>
            {
                for (var author = 1; author <= PerDestination; author++)
                    await EnqueueAsync(session, author);
                await session.Settings.FindAsync("nothing", None);
                published.SetResult();
                await leased.Task;
                return true;
            },
            None);
        await published.Task.WaitAsync(Patience);
        for (var author = PerDestination + 1; author <= 2 * PerDestination; author++)
            await PublishAsync(author);
        // Now the destination is seen to be due.
        await LeaseAsync(stores[1], TimeSpan.FromMinutes(1), lanes: 0);

        Lease meanwhile = null!;
        var first = await stores[1].ExecuteAsync(
            async (session, _) =>
            {
                var lease = await LeaseAsync(session, TimeSpan.FromMinutes(1));
                leased.SetResult();
                await publishing;
                meanwhile = await LeaseAsync(stores[0], TimeSpan.FromMinutes(1));
                return lease;
            },
            None);

        Assert.Equal(PerDestination, first.Lanes.Count);
        Assert.Empty(meanwhile.Lanes);
        Assert.Empty((await LeaseAsync(stores[0], TimeSpan.FromMinutes(1))).Lanes);
        Assert.Equal(PerDestination, await SettleAsync(stores[1], first));
        Assert.Equal(PerDestination, (await LeaseAsync(stores[0], TimeSpan.FromMinutes(1))).Lanes.Count);
    }

    [Fact]
    public async Task A_lease_takes_one_lane_of_each_destination_before_a_second_one_of_any()
    {
        await FillAsync(authors: 4, destinations: 10);
        for (var author = 1; author <= 4; author++)
            await PublishAsync(author);

        var lease = await LeaseAsync(stores[0], TimeSpan.FromMinutes(1));

        Assert.Equal(16, lease.Lanes.Count);
        Assert.Equal(10, lease.Lanes.Take(10).Select(lane => lane.Lane.Destination).Distinct().Count());
        Assert.All(lease.Lanes.GroupBy(lane => lane.Lane.Destination), lanes => Assert.InRange(lanes.Count(), 1, 2));
    }

    [Fact]
    public async Task The_workers_of_other_processes_hear_when_there_is_something_to_do_for_them_and_not_of_every_write()
    {
        await FillAsync(authors: 1, destinations: 2);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("LISTEN microblog", connection);
        await command.ExecuteNonQueryAsync();
        using var patience = new CancellationTokenSource(Patience);
        var heard = 0;
        connection.Notification += (_, _) => heard++;

        await PublishAsync(author: 1);
        await connection.WaitAsync(patience.Token);
        var lease = await LeaseAsync(stores[0], TimeSpan.FromMinutes(1));
        await SettleAsync(stores[0], lease, lane => new(lease.Token, lane.Id, 0, [], null, "", false, IsReleased: true));
        await connection.WaitAsync(patience.Token);
        lease = await LeaseAsync(stores[0], TimeSpan.FromMinutes(1));
        await SettleAsync(stores[0], lease, lane => new(lease.Token, lane.Id, lane.Events[^1].Number, [new(lane.Events[^1].Number, "no")], null, "", false));
        Assert.Equal(2, await stores[0].ExecuteAsync(
            async (session, _) => await session.Deliveries.RetryAllAsync("h0.example", 1, None) + await session.Deliveries.RetryAllAsync("h1.example", 1, None), None));
        await connection.WaitAsync(patience.Token);
        Assert.True(await stores[0].ExecuteAsync((session, _) => session.Deliveries.ProbeAsync("h0.example", None), None));
        await connection.WaitAsync(patience.Token);

        // One for each, so nothing was said of the leases and of what was settled for good.
        Assert.Equal(4, heard);
    }

    [Fact]
    public async Task A_transaction_that_publishes_for_long_keeps_nobody_from_leasing_and_settling_and_is_delivered_when_it_ends()
    {
        await FillAsync(authors: 1, destinations: 1);
        await PublishAsync(author: 1);
        var first = await LeaseAsync(stores[0], TimeSpan.FromMinutes(1));
        var (published, settled) = (new TaskCompletionSource(), new TaskCompletionSource());

        var publishing = stores[0].ExecuteAsync(
            async (session, _) =>
            {
                await EnqueueAsync(session, author: 1);
                await session.Settings.FindAsync("nothing", None);
                published.SetResult();
                await settled.Task;
                return true;
            },
            None);
        await published.Task.WaitAsync(Patience);
        Assert.Equal(1, await SettleAsync(stores[1], first).AsTask().WaitAsync(Patience));
        // The lane does not rest while nobody can see whether something comes: a lease looks at it, finds nothing, and has it looked at again.
        var due = await DueAsync();
        Assert.NotNull(due);
        Assert.NotNull(await UntilAsync(
            async () =>
            {
                Assert.Empty((await LeaseAsync(stores[1], TimeSpan.FromMinutes(1))).Lanes);
                return await DueAsync();
            },
            next => next != due));
        settled.SetResult();
        await publishing;

        var second = await UntilAsync(() => LeaseAsync(stores[1], TimeSpan.FromMinutes(1)), lease => lease.Lanes.Count == 1);
        Assert.True(Assert.Single(second.Lanes[0].Events).Number > first.Lanes[0].Events[0].Number);
    }

    // Lanes as subscriptions open them, without the people.
    private async Task FillAsync(int authors, int destinations)
    {
        for (var author = 1; author <= authors; author++)
        {
            var id = new ProfileId(author);
            await stores[0].ExecuteAsync(
                async (session, _) =>
                {
                    for (var number = 0; number < destinations; number++)
                        await ((PostgresSession)session).Lanes.FollowAsync(new Lane(id, "omb", $"https://h{number}.example/post", $"h{number}.example"));
                    return true;
                },
                None);
        }
    }

    private ValueTask<bool> PublishAsync(int author) => stores[author % 2].ExecuteAsync(
        async (session, _) =>
        {
            await EnqueueAsync(session, author);
            return true;
        },
        None);

    private static ValueTask EnqueueAsync(IStoreSession session, int author) => session.Deliveries.EnqueueAsync(
        new DeliveryEvent { Author = new ProfileId(author), Kind = DeliveryEventKind.Notice, Notice = new NoticeId(7) }, None);

    private async Task WorkAsync(int expected)
    {
        using var stopping = new CancellationTokenSource(Patience);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            while (delivered.Count < expected && !stopping.IsCancellationRequested)
            {
                var lease = await LeaseAsync(stores[worker % 2], TimeSpan.FromMinutes(5));
                foreach (var lane in lease.Lanes)
                    Send(lane);
                foreach (var lane in lease.Lanes)
                    Sent(lane);
                Assert.Equal(lease.Lanes.Count, await SettleAsync(stores[worker % 2], lease));
            }
        })));
    }

    private void Send(LeasedLane lane)
    {
        var now = sending.AddOrUpdate(lane.Lane.Destination, 1, static (_, count) => count + 1);
        InterlockedMax(ref most, now);
        foreach (var item in lane.Events)
            delivered.Enqueue((lane.Id, item.Number));
    }

    private void Sent(LeasedLane lane) => sending.AddOrUpdate(lane.Lane.Destination, 0, static (_, count) => count - 1);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private static ValueTask<Lease> LeaseAsync(PostgresStore store, TimeSpan duration, int lanes = 16) =>
        store.ExecuteAsync((session, _) => LeaseAsync(session, duration, lanes), None);

    private static ValueTask<Lease> LeaseAsync(IStoreSession session, TimeSpan duration, int lanes = 16) =>
        session.Deliveries.LeaseAsync(new LeaseRequest(duration, lanes, PerLane: 5, PerDestination, Failing: false), None);

    private static ValueTask<int> SettleAsync(PostgresStore store, Lease lease) =>
        SettleAsync(store, lease, lane => new LaneSettlement(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false));

    private static ValueTask<int> SettleAsync(PostgresStore store, Lease lease, Func<LeasedLane, LaneSettlement> end) =>
        store.ExecuteAsync((session, _) => session.Deliveries.SettleAsync([.. lease.Lanes.Select(end)], None), None);

    private static async Task<T> UntilAsync<T>(Func<ValueTask<T>> askAsync, Func<T, bool> isEnough)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var answer = await askAsync();
            if (isEnough(answer))
                return answer;
        }
    }

    private ValueTask<QueueDepth> MeasureAsync() =>
        stores[0].ReadAsync(Freshness.Latest, (session, _) => session.Deliveries.MeasureAsync(None), None);

    // Of the one lane that there is; nothing when it rests.
    private async ValueTask<long?> DueAsync()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT due_at FROM microblog.lane", connection);
        return await command.ExecuteScalarAsync() as long?;
    }

    private async Task<long> DeadlocksAsync()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_stat_clear_snapshot(); SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return reader.GetInt64(0);
    }
}

public sealed class UndividedQueueTests() : QueueTests(new TempDatabase());

public sealed class PartitionedQueueTests() : QueueTests(Partitioned.Database());
