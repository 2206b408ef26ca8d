using Microblog.Storage.Conformance;
using Microblog.Testing;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class SqliteWriterTests : StoreConformance
{
    private readonly TempDatabase database;

    public SqliteWriterTests()
        : this(new TempDatabase())
    {
    }

    private SqliteWriterTests(TempDatabase database)
        : base(database) => this.database = database;

    private SqliteWriter Writer => ((SqliteStore)Store).Writer;

    [Fact]
    public async Task A_commit_that_fails_leaves_the_outcome_unknown_and_the_store_working()
    {
        Writer.BeforeCommit = () => throw new IOException("the disk");
        var exception = await Assert.ThrowsAsync<StoreException>(() => SetAsync("lost"));
        Assert.True(exception.IsOutcomeUnknown);
        Assert.False(exception.IsTransient);
        Assert.IsType<IOException>(exception.InnerException);

        Writer.BeforeCommit = null;
        await SetAsync("kept");
        Assert.Null(await GetAsync("lost"));
        Assert.Equal("there", await GetAsync("kept"));
    }

    [Fact]
    public async Task A_lost_acknowledgement_leaves_the_outcome_unknown_and_the_write_may_be_there()
    {
        Writer.AfterCommit = () => throw new IOException("the line");
        var exception = await Assert.ThrowsAsync<StoreException>(() => SetAsync("done"));
        Assert.True(exception.IsOutcomeUnknown);

        Writer.AfterCommit = null;
        Assert.Equal("there", await GetAsync("done"));
    }

    [Fact]
    public async Task A_failing_caller_inside_a_group_commit_fails_alone()
    {
        var commits = 0;
        using var gate = HoldWriter();
        var first = SetAsync("first");
        var failing = Write(async session =>
        {
            await session.Settings.SetAsync("failing", "there", None);
            throw new FormatException();
        }).AsTask();
        var last = SetAsync("last");
        Writer.BeforeCommit = () => commits++;
        gate.Release();

        await first;
        await Assert.ThrowsAsync<FormatException>(() => failing);
        await last;

        // That of the work which held the writer, and one for all three.
        Assert.Equal(2, commits);
        Assert.Equal(("there", null, "there"), (await GetAsync("first"), await GetAsync("failing"), await GetAsync("last")));
    }

    [Fact]
    public async Task Work_that_is_done_again_because_another_failed_finds_nothing_of_its_first_time()
    {
        using var gate = HoldWriter();
        var once = Write(session => session.Credentials.OnceAsync(new OnceKey("scope", "key", Clock.GetUtcNow()), None)).AsTask();
        var failing = Write(_ => throw new FormatException()).AsTask();
        gate.Release();

        Assert.True(await once);
        await Assert.ThrowsAsync<FormatException>(() => failing);
    }

    [Fact]
    public async Task A_failed_group_commit_is_told_to_each_and_a_caller_that_failed_before_keeps_its_own_reason()
    {
        using var gate = HoldWriter();
        var first = SetAsync("first");
        var failing = Write(_ => throw new FormatException()).AsTask();
        Writer.BeforeCommit = () => throw new IOException();
        gate.Release();

        Assert.True((await Assert.ThrowsAsync<StoreException>(() => first)).IsOutcomeUnknown);
        await Assert.ThrowsAsync<FormatException>(() => failing);
    }

    [Fact]
    public async Task Who_gives_up_in_the_queue_is_not_served()
    {
        using var gate = HoldWriter();
        using var source = new CancellationTokenSource();
        var waiting = Store.ExecuteAsync((session, token) => session.Settings.AddAsync("waiting", "there", token), source.Token).AsTask();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Release();

        await SetAsync("after");
        Assert.Null(await GetAsync("waiting"));
    }

    [Fact]
    public async Task Stopping_finishes_what_is_queued_and_takes_no_more()
    {
        using var gate = HoldWriter();
        var queued = Enumerable.Range(0, 20).Select(number => SetAsync($"{number}")).ToList();
        var stopping = ((SqliteStore)Store).DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SetAsync("late"));
        gate.Release();

        await Task.WhenAll(queued);
        await stopping;
        await using var again = database.CreateStore(Clock);
        await again.StartAsync(None);
        Assert.Equal("there", await again.ReadAsync(Freshness.Latest, (session, token) => session.Settings.FindAsync("19", token), None));
        Assert.Null(await again.ReadAsync(Freshness.Latest, (session, token) => session.Settings.FindAsync("late", token), None));
    }

    [Fact]
    public async Task A_restart_keeps_everything_and_numbers_go_on_although_the_clock_went_back()
    {
        var alice = await AddLocalAsync("alice");
        var subscription = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe"), alice));
        var notice = await PublishAsync(alice);
        await Write(session => session.Deliveries.EnqueueAsync(EventOf(notice), None));
        var expires = Clock.GetUtcNow().AddMinutes(10);
        await Write(session => session.Credentials.OnceAsync(new OnceKey("key", "nonce", expires), None));
        await ((SqliteStore)Store).DisposeAsync();

        await using var store = database.CreateStore(new FakeTimeProvider(Clock.GetUtcNow().AddDays(-1)));
        await store.StartAsync(None);
        using var drawn = store.Ids.Draw();
        Assert.True(drawn.Notice > notice.Id);
        Assert.False(await store.ExecuteAsync((session, token) => session.Credentials.OnceAsync(new OnceKey("key", "nonce", expires), token), None));
        var (entry, found, depth) = await store.ReadAsync(
            Freshness.Latest,
            async (session, token) => (
                await session.Notices.FindAsync(notice.Id, default, token),
                await session.Subscriptions.FindAsync(subscription.Id, token),
                await session.Deliveries.MeasureAsync(token)),
            None);
        Assert.Equal((notice.Content, alice), (entry!.Notice.Content, entry.Author));
        Assert.Equal(SubscriptionState.Active, found!.State);
        Assert.Equal(1, depth.Lanes);
    }

    [Fact]
    public async Task Numbers_go_on_above_the_positions_of_late_entries_although_the_clock_went_back()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/1"), alice);
        Clock.Advance(TimeSpan.FromHours(1));
        var late = RemoteNotice(hers, "https://there.example/1");
        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(late, bob));
        await ((SqliteStore)Store).DisposeAsync();

        await using var store = database.CreateStore(new FakeTimeProvider(Clock.GetUtcNow().AddDays(-1)));
        await store.StartAsync(None);
        using var drawn = store.Ids.Draw();
        Assert.True(drawn.Notice > late.Id);
    }

    [Fact]
    public async Task Numbers_go_on_above_the_last_change_although_the_clock_went_back()
    {
        var notice = await PublishAsync(await AddLocalAsync("alice"));
        Clock.Advance(TimeSpan.FromHours(1));
        await DeleteAsync(notice.Id);
        var last = Store.Ids.Last;
        await ((SqliteStore)Store).DisposeAsync();

        await using var store = database.CreateStore(new FakeTimeProvider(Clock.GetUtcNow().AddDays(-1)));
        await store.StartAsync(None);
        using var drawn = store.Ids.Draw();
        Assert.True(drawn.Value > last);
    }

    private Gate HoldWriter()
    {
        var gate = new Gate();
        _ = Write(_ =>
        {
            gate.Begun.Set();
            gate.Open.Wait();
            return ValueTask.CompletedTask;
        }).AsTask();
        gate.Begun.Wait();
        return gate;
    }

    private Task<bool> SetAsync(string name) => Write(session => session.Settings.SetAsync(name, "there", None)).AsTask();

    private Task<string?> GetAsync(string name) => Read(session => session.Settings.FindAsync(name, None)).AsTask();

    private sealed class Gate : IDisposable
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim Open { get; } = new();

        public void Release() => Open.Set();

        // The writer may still be about to leave the gate.
        public void Dispose() => Open.Set();
    }
}
