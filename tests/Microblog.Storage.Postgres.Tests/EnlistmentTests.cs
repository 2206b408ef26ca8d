using System.Data;
using Microblog.Storage.Conformance;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

public sealed class EnlistmentTests : EnlistmentConformance
{
    private readonly TempDatabase database;

    public EnlistmentTests()
        : this(new TempDatabase())
    {
    }

    private EnlistmentTests(TempDatabase database)
        : base(database) => this.database = database;

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Every_isolation_level_of_the_host_is_good_enough(IsolationLevel level)
    {
        var alice = await AddLocalAsync("alice");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("bob"), alice));
        await using var host = Host.OpenHost();
        Notice[] notices = [LocalNotice(alice), LocalNotice(alice)];
        foreach (var notice in notices)
        {
            await using var transaction = await host.BeginTransactionAsync(level);
            Run(transaction, "INSERT INTO post SELECT 'number ' || count(*) FROM post");
            await PublishInAsync(transaction, notice);
            await transaction.CommitAsync();
        }

        Assert.Equal([notices[1].Id, notices[0].Id], await HomeAsync(alice));
        Assert.Equal([notices[0].Id, notices[1].Id], Assert.Single((await LeaseAsync()).Lanes).Events.Select(e => e.Notice));
    }

    [Fact]
    public async Task A_number_drawn_for_the_host_is_not_missed_by_another_process_however_late_it_commits()
    {
        // Two authors: who publishes as the same person waits for the host's commit.
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await SaveAsync(LocalSubscription(alice, bob));
        await using var other = database.CreateStore(Clock);
        await other.StartAsync(None);
        var late = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using var transaction = await host.BeginTransactionAsync();
        await PublishInAsync(transaction, late);
        // Longer than readers stay behind the clock anyway.
        Clock.Advance(TimeSpan.FromSeconds(5));
        var quick = LocalNotice(bob);
        await other.ExecuteAsync(
            async (session, token) =>
            {
                await session.Notices.PublishAsync(quick, token);
                return true;
            },
            None);
        Clock.Advance(TimeSpan.FromSeconds(5));

        foreach (var reader in new IMicroblogStore[] { Store, other })
            Assert.Empty(await ForwardAsync(reader, alice));
        await transaction.CommitAsync();
        foreach (var reader in new IMicroblogStore[] { Store, other })
            Assert.Equal([quick.Id, late.Id], await ForwardAsync(reader, alice));
    }

    [Fact]
    public async Task Other_processes_are_told_by_the_hosts_commit_and_not_before()
    {
        var alice = await AddLocalAsync("alice");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("bob"), alice));
        await using var listening = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await listening.OpenAsync();
        await using (var listen = new NpgsqlCommand("LISTEN microblog", listening))
            await listen.ExecuteNonQueryAsync();
        await using var host = Host.OpenHost();
        // What the preparations said is read away.
        await WaitAsync(listening, TimeSpan.FromMilliseconds(200));

        await using (var undone = await host.BeginTransactionAsync())
            await PublishInAsync(undone, LocalNotice(alice));
        await using var transaction = await host.BeginTransactionAsync();
        await PublishInAsync(transaction, LocalNotice(alice));
        Assert.False(await WaitAsync(listening, TimeSpan.FromMilliseconds(200)));
        await transaction.CommitAsync();

        Assert.True(await WaitAsync(listening, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_transaction_that_has_failed_says_so()
    {
        await using var host = Host.OpenHost();
        await using var transaction = await host.BeginTransactionAsync();
        Assert.Throws<PostgresException>(() => Run(transaction, "SELECT nonsense"));

        var exception = await Assert.ThrowsAsync<StoreException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));

        Assert.Contains("roll it back", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task A_connection_that_is_being_read_says_so()
    {
        await using var host = Host.OpenHost();
        await using var transaction = await host.BeginTransactionAsync();
        await using var command = host.CreateCommand();
        command.CommandText = "SELECT generate_series(1, 1000000)";
        await using var reader = await command.ExecuteReaderAsync();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));

        Assert.Contains("reader", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_whose_connection_breaks_is_told_that_nothing_was_stored()
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using var transaction = await host.BeginTransactionAsync();
        await PublishInAsync(transaction, notice);
        await using (var killer = Host.OpenHost())
            Scalar(killer, $"SELECT pg_terminate_backend({((NpgsqlConnection)host).ProcessID})");

        var exception = await Assert.ThrowsAsync<StoreException>(() => PublishInAsync(transaction, LocalNotice(alice)));

        Assert.True(exception.IsTransient);
        Assert.False(exception.IsOutcomeUnknown);
        Assert.Null(await FindAsync(notice.Id));
    }

    private static Task<bool> WaitAsync(NpgsqlConnection listening, TimeSpan atMost) => listening.WaitAsync(atMost);

    private static async Task<NoticeId[]> ForwardAsync(IMicroblogStore store, Profile owner) => IdsOf(await store.ReadAsync(
        Freshness.Latest, (session, token) => session.Timelines.HomeAsync(owner.Id, PageRequest.NewerThan(default, 9), token), None));
}
