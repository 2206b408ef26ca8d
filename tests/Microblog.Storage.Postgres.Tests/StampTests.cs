using System.Globalization;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>The number by which a reader knows that nothing was written, with other processes on the same database.</summary>
public sealed class StampTests : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempDatabase database = new();
    private PostgresStore one = null!;
    private PostgresStore other = null!;
    private NpgsqlDataSource host = null!;

    public async Task InitializeAsync()
    {
        (one, other) = (database.CreateStore(TimeProvider.System), database.CreateStore(TimeProvider.System));
        await one.StartAsync(None);
        await other.StartAsync(None);
        host = NpgsqlDataSource.Create(database.ConnectionString);
        await RunAsync("CREATE TABLE word (text text NOT NULL)");
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await one.DisposeAsync();
        await other.DisposeAsync();
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task It_changes_in_both_processes_with_each_write_of_either()
    {
        var (seen, seenByOther) = (new HashSet<long?> { await one.StampAsync(None) }, new HashSet<long?> { await other.StampAsync(None) });
        for (var i = 0; i < 6; i++)
        {
            var writer = i % 2 == 0 ? one : other;
            await writer.ExecuteAsync((session, ct) => session.Settings.AddAsync($"key{i}", "value", ct), None);
            Assert.True(seen.Add(await one.StampAsync(None)));
            Assert.True(seenByOther.Add(await other.StampAsync(None)));
        }

        Assert.DoesNotContain(null, seen);
    }

    // Whatever else the tests' server does changes it as well, so that not every question finds it as it was.
    [Fact]
    public async Task Reads_and_transactions_that_have_written_nothing_leave_it_as_it_was()
    {
        await using var idle = await host.OpenConnectionAsync();
        await using var open = await idle.BeginTransactionAsync();
        for (var i = 0; i < 1000; i++)
        {
            var before = await one.StampAsync(None);
            await one.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync("key", ct), None);
            if (await one.StampAsync(None) == before)
                return;
        }

        Assert.Fail("It changed a thousand times though nothing was written.");
    }

    [Fact]
    public async Task A_transaction_that_is_open_while_it_is_asked_for_changes_it_by_its_commit_whichever_of_several_ends_first()
    {
        await using var first = await host.OpenConnectionAsync();
        await using var second = await host.OpenConnectionAsync();
        var early = await first.BeginTransactionAsync();
        await RunAsync("INSERT INTO word VALUES ('early')", first);
        var late = await second.BeginTransactionAsync();
        await RunAsync("INSERT INTO word VALUES ('late')", second);

        var before = await one.StampAsync(None);
        await late.CommitAsync();
        var between = await one.StampAsync(None);
        await early.CommitAsync();

        Assert.Equal(3, new HashSet<long?> { before, between, await one.StampAsync(None) }.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Between_two_like_stamps_nobody_reads_anything_else_however_transactions_overlap(int seed)
    {
        var random = new Random(seed);
        var writers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.OpenConnectionAsync().AsTask()));
        var isOpen = new bool[writers.Length];
        var known = new Dictionary<(PostgresStore, long?), string>();
        for (var step = 0; step < 200; step++)
        {
            var at = random.Next(writers.Length);
            await RunAsync(Next(random, ref isOpen[at], step), writers[at]);
            foreach (var store in new[] { one, other })
            {
                // Before the read, as whoever remembers what was read.
                var stamp = await store.StampAsync(None);
                var words = await WordsAsync();
                Assert.Equal(words, known.GetValueOrDefault((store, stamp), words));
                known[(store, stamp)] = words;
            }
        }

        foreach (var writer in writers)
            await writer.DisposeAsync();
    }

    [Fact]
    public async Task There_is_none_where_a_replica_may_answer_nor_while_the_server_does_not()
    {
        await using var lagging = database.CreateStore(TimeProvider.System, options => options.ReplicaConnectionString = database.ConnectionString);
        Assert.Null(await lagging.StampAsync(None));
        await using var lost = new PostgresStore(
            new PostgresStoreOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=nobody;Timeout=5" }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresStore>.Instance);
        Assert.Null(await lost.StampAsync(None));
    }

    // Begins, writes, writes and takes it back, commits or rolls back.
    private static string Next(Random random, ref bool isOpen, int step)
    {
        var write = string.Create(CultureInfo.InvariantCulture, $"INSERT INTO word VALUES ('{step}')");
        if (!isOpen)
        {
            isOpen = random.Next(4) > 0;
            return !isOpen ? write : random.Next(2) == 0 ? "BEGIN" : "BEGIN; " + write;
        }

        var choice = random.Next(5);
        isOpen = choice > 1;
        return choice switch
        {
            0 => "ROLLBACK",
            1 => "COMMIT",
            2 => $"SAVEPOINT inner_one; {write}; ROLLBACK TO inner_one",
            3 => $"SAVEPOINT inner_one; {write}; RELEASE inner_one",
            _ => write,
        };
    }

    private async Task<string> WordsAsync()
    {
        await using var command = host.CreateCommand("SELECT coalesce(string_agg(text, ' ' ORDER BY text), '') FROM word");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task RunAsync(string sql, NpgsqlConnection? connection = null)
    {
        await using var command = connection is null ? host.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
