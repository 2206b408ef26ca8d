using System.Data.Common;
using Microblog.Storage.Conformance;
using Microsoft.Data.Sqlite;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class EnlistmentTests : StoreConformance
{
    private readonly TempDatabase database;

    public EnlistmentTests()
        : this(new TempDatabase(TimeSpan.FromSeconds(5)))
    {
    }

    private EnlistmentTests(TempDatabase database)
        : base(database) => this.database = database;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_hosts_rows_and_the_notice_are_there_together_or_not_at_all(bool commits)
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await using var host = OpenHost(database.ConnectionString);
        await using (var transaction = host.BeginTransaction())
        {
            Run(host, transaction, "INSERT INTO post VALUES ('mine')");
            await PublishInAsync(transaction, notice);
            Assert.Null(await FindAsync(notice.Id));
            if (commits)
                await transaction.CommitAsync();
        }

        Assert.Equal(commits, await FindAsync(notice.Id) is not null);
        Assert.Equal(commits ? 1L : 0L, Scalar(host, "SELECT count(*) FROM post"));
    }

    [Fact]
    public async Task Work_that_fails_is_undone_although_the_host_commits()
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);
        await using var host = OpenHost(database.ConnectionString);
        await using (var transaction = host.BeginTransaction())
        {
            Run(host, transaction, "INSERT INTO post VALUES ('mine')");
            await Assert.ThrowsAsync<FormatException>(() => ((IEnlistingStore)Store).ExecuteAsync<bool>(
                transaction,
                async (session, token) =>
                {
                    await session.Notices.PublishAsync(notice, token);
                    throw new FormatException();
                },
                None).AsTask());
            await transaction.CommitAsync();
        }

        Assert.Null(await FindAsync(notice.Id));
        Assert.Equal(1L, Scalar(host, "SELECT count(*) FROM post"));
    }

    [Fact]
    public async Task A_number_drawn_for_the_host_is_not_missed_however_late_it_commits()
    {
        var alice = await AddLocalAsync("alice");
        await using var host = OpenHost(database.ConnectionString);
        var early = Store.Ids.Draw();
        var quick = await PublishAsync(alice);
        await using (var transaction = host.BeginTransaction())
        {
            await PublishInAsync(transaction, LocalNotice(alice) with { Id = early.Notice, Conversation = early.Notice });
            Assert.Empty(await HomeAsync(alice, PageRequest.NewerThan(default, 9)));
            await transaction.CommitAsync();
        }

        early.Dispose();
        Assert.Equal([quick.Id, early.Notice], await HomeAsync(alice, PageRequest.NewerThan(default, 9)));
    }

    [Fact]
    public async Task A_writer_waits_for_the_hosts_transaction()
    {
        await using var host = OpenHost(database.ConnectionString);
        Task<string> waiting;
        await using (var transaction = host.BeginTransaction())
        {
            waiting = Write(session => session.Settings.AddAsync("key", "value", None)).AsTask();
            Run(host, transaction, "INSERT INTO post VALUES ('mine')");
            Assert.Null(await Read(session => session.Settings.FindAsync("key", None)));
            Assert.False(waiting.IsCompleted);
            await transaction.CommitAsync();
        }

        Assert.Equal("value", await waiting);
    }

    [Fact]
    public async Task A_writer_that_has_waited_too_long_says_so_and_goes_on_later()
    {
        await using var host = OpenHost(database.ConnectionString);
        await using var impatient = database.CreateStore(Clock, options => options.BusyTimeout = TimeSpan.FromMilliseconds(20));
        await impatient.StartAsync(None);
        await using (host.BeginTransaction())
        {
            var exception = await Assert.ThrowsAsync<StoreException>(() =>
                impatient.ExecuteAsync((session, token) => session.Settings.AddAsync("key", "value", token), None).AsTask());
            Assert.True(exception.IsTransient);
            Assert.False(exception.IsOutcomeUnknown);
        }

        Assert.Equal("value", await impatient.ExecuteAsync((session, token) => session.Settings.AddAsync("key", "value", token), None));
    }

    [Fact]
    public async Task Another_database_is_refused()
    {
        var elsewhere = new TempDatabase();
        await using (var host = OpenHost(elsewhere.ConnectionString))
        await using (var transaction = host.BeginTransaction())
            await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));
        await using (var host = OpenHost("Data Source=:memory:"))
        await using (var transaction = host.BeginTransaction())
            await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));
        elsewhere.Dispose();
    }

    [Fact]
    public async Task An_ended_transaction_is_refused()
    {
        await using var host = OpenHost(database.ConnectionString);
        var transaction = host.BeginTransaction();
        await transaction.CommitAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));
    }

    [Fact]
    public async Task A_connection_that_promises_less_is_refused()
    {
        await using var host = OpenHost(database.ConnectionString);
        Run(host, null, "PRAGMA synchronous = NORMAL");
        await using var transaction = host.BeginTransaction();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));

        Assert.Contains("synchronous = FULL", exception.Message, StringComparison.Ordinal);
    }

    private static SqliteConnection OpenHost(string connectionString)
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=False");
        connection.Open();
        Run(connection, null, "CREATE TABLE post (text TEXT)");
        return connection;
    }

    private static void Run(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = new SqliteCommand(sql, connection, transaction);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private Task<bool> PublishInAsync(DbTransaction transaction, Notice notice) => ((IEnlistingStore)Store).ExecuteAsync(
        transaction,
        async (session, token) =>
        {
            await session.Notices.PublishAsync(notice, token);
            return true;
        },
        None).AsTask();
}
