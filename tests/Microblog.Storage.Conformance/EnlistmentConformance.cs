using System.Data;
using System.Data.Common;

namespace Microblog.Storage.Conformance;

/// <summary>What a store does inside the host's own transaction.</summary>
public abstract class EnlistmentConformance(IHostFixture fixture) : StoreConformance(fixture)
{
    protected IHostFixture Host { get; } = fixture;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_hosts_rows_and_the_notice_are_there_together_or_not_at_all(bool commits)
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            Run(transaction, "INSERT INTO post VALUES ('mine')");
            await PublishInAsync(transaction, notice);
            Assert.Null(await FindAsync(notice.Id));
            if (commits)
                await transaction.CommitAsync();
        }

        Assert.Equal(commits, await FindAsync(notice.Id) is not null);
        Assert.Equal(commits ? 1L : 0L, Scalar(host, "SELECT count(*) FROM post"));
    }

    [Fact]
    public async Task Several_notices_join_one_transaction_and_see_each_other()
    {
        var alice = await AddLocalAsync("alice");
        Notice[] notices = [LocalNotice(alice), LocalNotice(alice)];
        await using var host = Host.OpenHost();
        await using var transaction = await host.BeginTransactionAsync();
        foreach (var notice in notices)
            await PublishInAsync(transaction, notice);

        Assert.NotNull(await ExecuteAsync(transaction, session => session.Notices.FindAsync(notices[0].Id, alice.Id, None)));
        await transaction.CommitAsync();

        Assert.Equal([notices[1].Id, notices[0].Id], await HomeAsync(alice));
    }

    [Fact]
    public async Task Work_that_fails_is_undone_although_the_host_commits()
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            Run(transaction, "INSERT INTO post VALUES ('before')");
            await Assert.ThrowsAsync<FormatException>(() => ExecuteAsync<bool>(
                transaction,
                async session =>
                {
                    await session.Notices.PublishAsync(notice, None);
                    // Asked for, so that it has been written.
                    Assert.NotNull(await session.Notices.FindAsync(notice.Id, alice.Id, None));
                    throw new FormatException();
                }));
            Run(transaction, "INSERT INTO post VALUES ('after')");
            await transaction.CommitAsync();
        }

        Assert.Null(await FindAsync(notice.Id));
        Assert.Equal(2L, Scalar(host, "SELECT count(*) FROM post"));
    }

    [Fact]
    public async Task What_the_host_undoes_to_its_savepoint_is_undone()
    {
        var alice = await AddLocalAsync("alice");
        Notice[] notices = [LocalNotice(alice), LocalNotice(alice)];
        await using var host = Host.OpenHost();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await PublishInAsync(transaction, notices[0]);
            await transaction.SaveAsync("mine");
            await PublishInAsync(transaction, notices[1]);
            await transaction.RollbackAsync("mine");
            await transaction.CommitAsync();
        }

        Assert.Equal([notices[0].Id], await HomeAsync(alice));
    }

    [Fact]
    public async Task What_the_database_refuses_is_undone_although_the_host_commits()
    {
        var alice = await AddLocalAsync("alice");
        var known = await PublishAsync(alice);
        var notice = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            Run(transaction, "INSERT INTO post VALUES ('before')");
            await Assert.ThrowsAsync<StoreException>(() => ExecuteAsync(
                transaction,
                async session =>
                {
                    await session.Notices.PublishAsync(notice, None);
                    await session.Notices.PublishAsync(notice with { Id = known.Id }, None);
                    return true;
                }));
            Run(transaction, "INSERT INTO post VALUES ('after')");
            await transaction.CommitAsync();
        }

        Assert.Null(await FindAsync(notice.Id));
        Assert.Equal(2L, Scalar(host, "SELECT count(*) FROM post"));
    }

    [Fact]
    public async Task A_delivery_comes_due_when_the_host_commits()
    {
        var alice = await AddLocalAsync("alice");
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("bob"), alice));
        var notice = LocalNotice(alice);
        await using var host = Host.OpenHost();
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await PublishInAsync(transaction, notice);
            await transaction.RollbackAsync();
        }

        Assert.Empty((await LeaseAsync()).Lanes);
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await PublishInAsync(transaction, notice);
            await transaction.CommitAsync();
        }

        Assert.Equal(notice.Id, Assert.Single(Assert.Single((await LeaseAsync()).Lanes).Events).Notice);
    }

    [Fact]
    public async Task A_number_drawn_for_the_host_is_not_missed_however_late_it_commits()
    {
        var alice = await AddLocalAsync("alice");
        await using var host = Host.OpenHost();
        var early = Store.Ids.Draw();
        var quick = await PublishAsync(alice);
        await using (var transaction = await host.BeginTransactionAsync())
        {
            await PublishInAsync(transaction, LocalNotice(alice) with { Id = early.Notice, Conversation = early.Notice });
            Assert.Empty(await HomeAsync(alice, PageRequest.NewerThan(default, 9)));
            await transaction.CommitAsync();
        }

        early.Dispose();
        Assert.Equal([quick.Id, early.Notice], await HomeAsync(alice, PageRequest.NewerThan(default, 9)));
    }

    [Fact]
    public async Task Another_database_is_refused()
    {
        await using var elsewhere = Host.OpenElsewhere();
        await using var transaction = await elsewhere.BeginTransactionAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));
    }

    [Fact]
    public async Task A_transaction_of_another_kind_of_database_is_refused()
    {
        using var strange = new StrangeTransaction();

        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(strange, LocalNotice(LocalProfile("alice"))));
    }

    [Fact]
    public async Task An_ended_transaction_is_refused()
    {
        await using var host = Host.OpenHost();
        var committed = await host.BeginTransactionAsync();
        await committed.CommitAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(committed, LocalNotice(LocalProfile("alice"))));

        var rolledBack = await host.BeginTransactionAsync();
        await rolledBack.RollbackAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(rolledBack, LocalNotice(LocalProfile("alice"))));

        var disposed = await host.BeginTransactionAsync();
        await disposed.DisposeAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(disposed, LocalNotice(LocalProfile("alice"))));
    }

    [Fact]
    public async Task A_connection_that_promises_less_is_refused()
    {
        await using var host = Host.OpenHost();
        Run(host, null, Host.Weakening);
        await using var transaction = await host.BeginTransactionAsync();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));

        Assert.Contains(Host.Remedy, exception.Message, StringComparison.Ordinal);
    }

    protected static void Run(DbTransaction transaction, string sql) => Run(transaction.Connection!, transaction, sql);

    protected static void Run(DbConnection connection, DbTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        command.ExecuteNonQuery();
    }

    protected static object? Scalar(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    protected Task<T> ExecuteAsync<T>(DbTransaction transaction, Func<IStoreSession, ValueTask<T>> work) =>
        ((IEnlistingStore)Store).ExecuteAsync(transaction, (session, _) => work(session), None).AsTask();

    protected Task PublishInAsync(DbTransaction transaction, Notice notice) => ExecuteAsync(
        transaction,
        async session =>
        {
            await session.Notices.PublishAsync(notice, None);
            await session.Deliveries.EnqueueAsync(EventOf(notice), None);
            return true;
        });

    private sealed class StrangeTransaction : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

        protected override DbConnection? DbConnection => null;

        public override void Commit() => throw new NotSupportedException();

        public override void Rollback() => throw new NotSupportedException();
    }
}
