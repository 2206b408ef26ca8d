using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>Work that meets other transactions is run again; whatever else the server refuses is told, and never taken for stored.</summary>
public sealed class ConflictTests : IAsyncLifetime, IDisposable
{
    private const int EndlessFailures = 1_000;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TempDatabase database = new();
    private PostgresStore store = null!;
    private int runs;

    public static TheoryData<string, bool> Conflicts
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var code in new[] { "40001", "40P01", "55P03", "23505" })
            {
                data.Add(code, false);
                data.Add(code, true);
            }

            return data;
        }
    }

    public async Task InitializeAsync()
    {
        store = database.CreateStore(TimeProvider.System, options => options.IdleTimeout = Limit);
        await store.StartAsync(None);
    }

    public async Task DisposeAsync() => await store.DisposeAsync();

    public void Dispose() => database.Dispose();

    [Theory]
    [MemberData(nameof(Conflicts))]
    public async Task Work_that_meets_another_transaction_is_run_again_until_it_is_stored(string code, bool atCommit)
    {
        await FailAsync(code, times: 2, atCommit);

        await SetAsync("value");

        Assert.Equal(3, runs);
        Assert.Equal("value", await FindAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_server_refuses_for_another_reason_is_told_at_once_and_nothing_is_stored(bool atCommit)
    {
        await FailAsync("23514", times: 1, atCommit);

        var exception = await Assert.ThrowsAsync<StoreException>(() => SetAsync("refused"));

        Assert.Equal(1, runs);
        Assert.False(exception.IsTransient);
        Assert.False(exception.IsOutcomeUnknown);
        Assert.Null(await FindAsync());
        await SetAsync("value");
        Assert.Equal("value", await FindAsync());
    }

    [Fact]
    public async Task Work_that_meets_others_again_and_again_ends_and_may_be_tried_later()
    {
        await FailAsync("40001", EndlessFailures, atCommit: true);

        var exception = await Assert.ThrowsAsync<StoreException>(() => SetAsync("value"));

        Assert.Equal(20, runs);
        Assert.True(exception.IsTransient);
        Assert.False(exception.IsOutcomeUnknown);
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Two_that_wait_for_each_other_both_get_on()
    {
        foreach (var key in new[] { "a", "b" })
            await WriteAsync(session => session.Settings.SetAsync(key, "0", None));
        var bothHold = new TaskCompletionSource();
        var holding = 0;

        await Task.WhenAll(CountAsync("a", "b"), CountAsync("b", "a")).WaitAsync(Limit);

        Assert.Equal(("2", "2"), (await FindAsync("a"), await FindAsync("b")));
        Assert.True(holding > 2);

        Task CountAsync(string first, string second) => WriteAsync(async session =>
        {
            await session.Settings.SetAsync(first, Next(await session.Settings.FindAsync(first, None)), None);
            if (Interlocked.Increment(ref holding) >= 2)
                bothHold.TrySetResult();
            await bothHold.Task;
            await session.Settings.SetAsync(second, Next(await session.Settings.FindAsync(second, None)), None);
        });

        static string Next(string? number) => number == "0" ? "1" : "2";
    }

    // Errors leave no trace in the database but a number of a sequence.
    private async Task FailAsync(string code, int times, bool atCommit)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"""
            CREATE SEQUENCE attempt;
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('attempt') <= {times} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END IF;
                    RETURN NULL;
                END $$;
            CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON microblog.setting {(atCommit ? "DEFERRABLE INITIALLY DEFERRED" : "")}
                FOR EACH ROW EXECUTE FUNCTION fail();
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task SetAsync(string value) => WriteAsync(async session =>
    {
        runs++;
        await session.Settings.SetAsync("key", value, None);
    });

    private async Task WriteAsync(Func<IStoreSession, ValueTask> work) => await store.ExecuteAsync(
        async (session, _) =>
        {
            await work(session);
            return true;
        },
        None);

    private ValueTask<string?> FindAsync(string key = "key") =>
        store.ReadAsync(Freshness.Latest, (session, ct) => session.Settings.FindAsync(key, ct), None);
}
