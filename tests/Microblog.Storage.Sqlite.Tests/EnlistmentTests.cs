using Microblog.Storage.Conformance;
using Microsoft.Data.Sqlite;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class EnlistmentTests : EnlistmentConformance
{
    private readonly TempDatabase database;

    public EnlistmentTests()
        : this(new TempDatabase(TimeSpan.FromSeconds(5)))
    {
    }

    private EnlistmentTests(TempDatabase database)
        : base(database) => this.database = database;

    [Fact]
    public async Task A_writer_waits_for_the_hosts_transaction()
    {
        await using var host = Host.OpenHost();
        Task<string> waiting;
        await using (var transaction = await host.BeginTransactionAsync())
        {
            waiting = Write(session => session.Settings.AddAsync("key", "value", None)).AsTask();
            Run(transaction, "INSERT INTO post VALUES ('mine')");
            Assert.Null(await Read(session => session.Settings.FindAsync("key", None)));
            Assert.False(waiting.IsCompleted);
            await transaction.CommitAsync();
        }

        Assert.Equal("value", await waiting);
    }

    [Fact]
    public async Task A_writer_that_has_waited_too_long_says_so_and_goes_on_later()
    {
        await using var host = Host.OpenHost();
        await using var impatient = database.CreateStore(Clock, options => options.BusyTimeout = TimeSpan.FromMilliseconds(20));
        await impatient.StartAsync(None);
        await using (await host.BeginTransactionAsync())
        {
            var exception = await Assert.ThrowsAsync<StoreException>(() =>
                impatient.ExecuteAsync((session, token) => session.Settings.AddAsync("key", "value", token), None).AsTask());
            Assert.True(exception.IsTransient);
            Assert.False(exception.IsOutcomeUnknown);
        }

        Assert.Equal("value", await impatient.ExecuteAsync((session, token) => session.Settings.AddAsync("key", "value", token), None));
    }

    [Fact]
    public async Task A_database_in_memory_is_refused()
    {
        await using var host = new SqliteConnection("Data Source=:memory:");
        host.Open();
        await using var transaction = host.BeginTransaction();

        await Assert.ThrowsAsync<ArgumentException>(() => PublishInAsync(transaction, LocalNotice(LocalProfile("alice"))));
    }
}
