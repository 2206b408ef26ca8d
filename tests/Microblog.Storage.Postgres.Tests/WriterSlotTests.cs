using Microblog.Testing;

namespace Microblog.Storage.Postgres.Tests;

public sealed class WriterSlotTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Processes_draw_numbers_that_never_meet()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        var numbers = Enumerable.Range(0, 500).SelectMany(_ => new[] { Draw(first), Draw(second) }).ToList();

        Assert.Equal(1000, numbers.Distinct().Count());
    }

    [Fact]
    public async Task Sixty_four_processes_write_and_one_more_is_told_why_it_may_not()
    {
        var stores = new List<PostgresStore>();
        for (var i = 0; i < 64; i++)
            stores.Add(await StartAsync(few: true));
        await using var late = Create(few: true);

        var exception = await Assert.ThrowsAsync<StoreException>(() => late.StartAsync(None).AsTask());
        Assert.Contains("64 processes", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsTransient);

        await stores[17].DisposeAsync();
        await late.StartAsync(None);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task The_slot_of_a_dead_process_is_taken_and_its_numbers_are_passed()
    {
        var dead = await StartAsync();
        using var last = dead.Ids.Draw();
        await WriteAsync(dead, last.Profile);
        clock.Advance(TimeSpan.FromMinutes(1));
        // The clock steps back, as clocks do, and the numbers still go on.
        var earlier = new FakeTimeProvider(clock.GetUtcNow() - TimeSpan.FromHours(1));
        await ExpireAsync();

        await using var next = database.CreateStore(earlier);
        await next.StartAsync(None);

        Assert.True(Draw(next) > last.Value);
        await dead.DisposeAsync();
    }

    [Theory]
    [InlineData("favourite")]
    [InlineData("notification")]
    [InlineData("deletion")]
    public async Task The_places_of_whatever_has_one_are_passed_as_well(string what)
    {
        var dead = await StartAsync();
        using var last = dead.Ids.Draw();
        await dead.ExecuteAsync<bool>(
            async (session, _) =>
            {
                if (what == "notification")
                {
                    await session.Notifications.AddAsync(
                        new Notification { Owner = new ProfileId(1), Position = last.Position, Kind = NotificationKind.Follow, Actor = new ProfileId(2), Subscription = new SubscriptionId(3) },
                        None);
                    return true;
                }

                await session.Notices.PublishAsync(
                    new Notice { Id = new NoticeId(4), Uri = NoticeUri.Parse("tag:4"), Author = new ProfileId(1), Content = "hello", License = "" }, None);
                return what == "deletion"
                    ? await session.Notices.DeleteAsync(new NoticeId(4), last.Position, None)
                    : await session.Reactions.FavouriteAsync(new ProfileId(1), new NoticeId(4), last.Position, None);
            },
            None);
        var earlier = new FakeTimeProvider(clock.GetUtcNow() - TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromMinutes(1));
        await ExpireAsync();

        await using var next = database.CreateStore(earlier);
        await next.StartAsync(None);

        Assert.True(Draw(next) > last.Value);
        await dead.DisposeAsync();
    }

    [Fact]
    public async Task A_process_whose_slot_was_taken_stores_no_number_and_goes_on_with_another_slot()
    {
        await using var away = await StartAsync();
        await ExpireAsync();
        await using var taker = await StartAsync();
        using (var drawn = away.Ids.Draw())
        {
            var exception = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(away, drawn.Profile).AsTask());
            Assert.Contains("another process writes numbers", exception.Message, StringComparison.Ordinal);
            Assert.True(exception.IsTransient);
        }

        using var again = away.Ids.Draw();
        await WriteAsync(away, again.Profile);
        Assert.NotEqual(Slot(again.Value), Slot(Draw(taker)));
    }

    [Fact]
    public async Task A_number_from_before_the_slot_was_lost_is_not_stored_with_the_new_slot()
    {
        await using var away = await StartAsync();
        using var early = away.Ids.Draw();
        await ExpireAsync();
        await using var taker = await StartAsync();
        using (var drawn = away.Ids.Draw())
            await Assert.ThrowsAsync<StoreException>(() => WriteAsync(away, drawn.Profile).AsTask());

        var exception = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(away, early.Profile).AsTask());

        Assert.True(exception.IsTransient);
        early.Dispose();
        using var again = away.Ids.Draw();
        Assert.Equal(AddProfileResult.Added, await WriteAsync(away, again.Profile));
    }

    [Fact]
    public async Task A_process_whose_heartbeat_is_late_stores_no_number_that_the_others_may_have_passed()
    {
        await using var silent = database.CreateStore(clock, options => options.Heartbeat = TimeSpan.FromMilliseconds(100));
        await silent.StartAsync(None);
        var slot = Slot(Draw(silent));
        await using var holding = new Npgsql.NpgsqlConnection(database.ConnectionString);
        await holding.OpenAsync();
        DrawnId early;
        ValueTask<AddProfileResult> writing;
        await using (await holding.BeginTransactionAsync())
        {
            await using var command = new Npgsql.NpgsqlCommand($"SELECT FROM microblog.writer WHERE slot = {slot} FOR UPDATE", holding);
            await command.ExecuteNonQueryAsync();
            // Nothing is heard of it for so long that the others do not wait for its numbers any more.
            await WaitUntilHeartbeatsAreDueAsync(silent);
            early = silent.Ids.Draw();
            writing = WriteAsync(silent, early.Profile);
        }

        using (early)
            Assert.True((await Assert.ThrowsAsync<StoreException>(() => writing.AsTask())).IsTransient);
        using var again = silent.Ids.Draw();
        Assert.Equal(AddProfileResult.Added, await WriteAsync(silent, again.Profile));
    }

    [Fact]
    public async Task A_number_drawn_so_long_before_its_transaction_that_others_may_have_passed_it_is_not_stored()
    {
        await using var store = await StartAsync();
        using (var drawn = store.Ids.Draw())
        {
            clock.Advance(OpenNumbers.Grace);
            var exception = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(store, drawn.Profile).AsTask());
            Assert.True(exception.IsTransient);
        }

        using var again = store.Ids.Draw();
        Assert.Equal(AddProfileResult.Added, await WriteAsync(store, again.Profile));
    }

    private static async Task WaitUntilHeartbeatsAreDueAsync(PostgresStore store)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!store.HasLapsed)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static long Draw(PostgresStore store)
    {
        using var drawn = store.Ids.Draw();
        return drawn.Value;
    }

    private static long Slot(long number) => (number >> 6) & 63;

    private static ValueTask<AddProfileResult> WriteAsync(PostgresStore store, ProfileId id) => store.ExecuteAsync(
        (session, ct) => session.Profiles.AddLocalAsync(
            new Profile
            {
                Id = id,
                Uri = ProfileUri.Parse($"https://here.example/person/{id}"),
                Nickname = $"n{id}",
                Url = "https://here.example/",
                IsLocal = true,
                License = "",
            },
            $"subject-{id}",
            ct),
        None);

    private async Task ExpireAsync()
    {
        await using var connection = new Npgsql.NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("UPDATE microblog.writer SET until = 0", connection);
        await command.ExecuteNonQueryAsync();
    }

    private PostgresStore Create(bool few = false) => database.CreateStore(
        clock, options => options.ConnectionString += few ? ";Maximum Pool Size=2" : "");

    private async Task<PostgresStore> StartAsync(bool few = false)
    {
        var store = Create(few);
        await store.StartAsync(None);
        return store;
    }
}
