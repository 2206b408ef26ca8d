using Microblog.Delivery;
using Microblog.TestServers;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>What is known of a transaction whose connection broke while it was being committed.</summary>
public sealed class OutcomeTests : IAsyncLifetime, IDisposable
{
    private readonly TempDatabase database = new();
    private readonly Relay relay = new(PostgresServer.Shared.Port);
    private PostgresStore store = null!;

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        // Each statement with its text, by which the relay knows a commit.
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Port = relay.Port, MaxAutoPrepare = 0 }.ConnectionString;
        store = database.CreateStore(TimeProvider.System, options => options.ConnectionString = address);
        await store.StartAsync(None);
    }

    public async Task DisposeAsync() => await store.DisposeAsync();

    public void Dispose()
    {
        relay.Dispose();
        database.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_settlement_counts_once_and_its_caller_hears_so_whether_the_connection_broke_before_its_commit_or_after(bool isCommitted)
    {
        var lane = new Lane(new ProfileId(1), "omb", "https://there.example/post", "there.example");
        var item = new DeliveryEvent { Author = lane.Author, Kind = DeliveryEventKind.Lookup };
        Assert.True(await store.ExecuteAsync((session, _) => session.Deliveries.EnqueueForAsync(lane, item, 10, None), None));
        var lease = await store.ExecuteAsync(
            (session, _) => session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 1, 1, 1, false), None), None);
        var refused = new RefusedDelivery(lease.Lanes[0].Events[0].Number, "too long");
        var runs = 0;

        relay.BreakNext(isCommitted ? Relay.Break.AfterCommit : Relay.Break.BeforeCommit);
        var settled = await store.ExecuteAsync(
            (session, _) =>
            {
                runs++;
                return session.Deliveries.SettleAsync([new(lease.Token, lease.Lanes[0].Id, refused.Event, [refused], null, "", false)], None);
            },
            None);

        Assert.True(relay.HasBroken);
        Assert.Equal((1, isCommitted ? 1 : 2), (settled, runs));
        var failed = await store.ReadAsync(Freshness.Latest, (session, _) => session.Deliveries.ListFailedAsync(10, None), None);
        Assert.Equal(refused.Event, Assert.Single(failed).Event.Number);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_without_a_number_says_that_its_outcome_is_not_known_and_does_not_run_again(bool isCommitted)
    {
        var runs = 0;
        relay.BreakNext(isCommitted ? Relay.Break.AfterCommit : Relay.Break.BeforeCommit);

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.ExecuteAsync(
            async (session, _) =>
            {
                runs++;
                await session.Settings.SetAsync("colour", "green", None);
                return true;
            },
            None).AsTask());

        Assert.Equal((true, false, 1), (exception.IsOutcomeUnknown, exception.IsTransient, runs));
        var stored = await store.ReadAsync(Freshness.Latest, (session, _) => session.Settings.FindAsync("colour", None), None);
        Assert.Equal(isCommitted ? "green" : null, stored);
    }
}
