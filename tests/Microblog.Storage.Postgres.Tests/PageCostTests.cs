using System.Globalization;
using Microblog.Testing;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>What PostgreSQL itself counts while it reads a page.</summary>
public sealed class PageCostTests : IDisposable
{
    private static readonly ProfileId Alice = new(1);

    private readonly TempDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    private delegate ValueTask<EntryPage> List(ITimelineReader lists, PageRequest page);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_page_costs_the_same_however_much_lies_there_and_is_never_sorted()
    {
        await using var store = database.CreateStore(clock);
        await store.StartAsync(CancellationToken.None);
        await FillAsync(1, 1_000);
        var few = await MeasureAsync();

        await FillAsync(1_001, 20_000);
        var many = await MeasureAsync();

        Assert.All(many, cost => Assert.Equal((20, 0), (cost.Entries, cost.Sorts)));
        // Over all steps of a plan, about twelve for an entry.
        Assert.All(many, cost => Assert.InRange(cost.Rows, 20, 20 * 15));
        // An index may have become a level deeper.
        Assert.All(few.Zip(many), costs => Assert.InRange(costs.Second.Buffers, 1, costs.First.Buffers * 3 / 2));
    }

    [Fact]
    public async Task What_a_page_asks_about_all_its_people_and_notices_is_one_round_trip_and_costs_the_same_however_much_lies_there()
    {
        await using var store = database.CreateStore(clock);
        await store.StartAsync(CancellationToken.None);
        await FillAsync(1, 1_000);
        var few = await MeasureQuestionsAsync();

        await FillAsync(1_001, 20_000);
        var many = await MeasureQuestionsAsync();

        Assert.All(many, cost => Assert.Equal((20, 0), (cost.Entries, cost.Sorts)));
        Assert.All(many, cost => Assert.InRange(cost.Rows, 20, 20 * 15));
        Assert.All(few.Zip(many), costs => Assert.InRange(costs.Second.Buffers, 1, costs.First.Buffers * 3 / 2));
    }

    // Alice hears a person more with each notice, who hears her; what zoe wrote, number 2, mentions her, and the first of them began a conversation.
    private async Task FillAsync(int from, int to)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection);
        var numbers = string.Create(CultureInfo.InvariantCulture, $"generate_series({from}, {to}) AS i");
        string[] statements =
        [
            "INSERT INTO microblog.profile SELECT i, 'https://here.example/' || i, 0, true, false, 'n' || i, '', '', '', '', '', '', '', '', false, NULL FROM " + numbers,
            "INSERT INTO microblog.profile_count SELECT i, 1, 1, 1, 1 FROM " + numbers,
            "INSERT INTO microblog.subscription SELECT i, 1, i, '', 1, '', true, '', '', '', '', '', 0 FROM " + numbers,
            "INSERT INTO microblog.subscription SELECT 100000 + i, i, 1, '', 1, '', true, '', '', '', '', '', 0 FROM " + numbers,
            "INSERT INTO microblog.block SELECT 1, 'https://there.example/' || i, 0 FROM " + numbers,
            "INSERT INTO microblog.notice SELECT i, 'tag:' || i, 2, 'hello', '', '', 0, false, false, false, 0, 0, '', 1, NULL, NULL, NULL, NULL, '', '', '', '' FROM " + numbers,
            "INSERT INTO microblog.authorship SELECT 2, i FROM " + numbers,
            // And everybody wrote one.
            "INSERT INTO microblog.notice SELECT 200000 + i, 'tag:e' || i, i, 'hello', '', '', 0, false, false, false, 0, 0, '', 200000 + i, NULL, NULL, NULL, NULL, '', '', '', '' FROM " + numbers,
            "INSERT INTO microblog.authorship SELECT i, 200000 + i FROM " + numbers,
            "INSERT INTO microblog.profile_uri SELECT 'https://here.example/' || i, 0, i FROM " + numbers,
            "INSERT INTO microblog.home SELECT 1, i, i, 2 FROM " + numbers,
            "INSERT INTO microblog.mention SELECT 1, i, i FROM " + numbers,
            "INSERT INTO microblog.tag SELECT 'cats', i FROM " + numbers,
            "INSERT INTO microblog.favourite SELECT 1, i, i FROM " + numbers,
            "INSERT INTO microblog.mute SELECT 1, 'https://there.example/' || i, 0 FROM " + numbers,
            // Every second one goes from one to the other of two, apart from the rest.
            "INSERT INTO microblog.notice SELECT 100000 + i, 'tag:d' || i, 3 + i % 2, 'hello', '', '', 3, false, false, false, 0, 0, '', 100000 + i, NULL, NULL, NULL, NULL, '', '', '', '' FROM " + numbers,
            "INSERT INTO microblog.audience SELECT 100000 + i, 4 - i % 2 FROM " + numbers,
            "ANALYZE",
        ];
        foreach (var sql in statements)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        await batch.ExecuteNonQueryAsync();
    }

    private async Task<List<Cost>> MeasureAsync()
    {
        List[] lists =
        [
            (timelines, page) => timelines.HomeAsync(Alice, page, default),
            (timelines, page) => timelines.PublicAsync(Alice, page, default),
            (timelines, page) => timelines.ProfileAsync(new ProfileId(2), Alice, page, default),
            (timelines, page) => timelines.MentionsAsync(Alice, page, default),
            (timelines, page) => timelines.ConversationAsync(new NoticeId(1), Alice, page, default),
            (timelines, page) => timelines.TagAsync("cats", Alice, page, default),
            (timelines, page) => timelines.FavouritesAsync(Alice, Alice, page, default),
            (timelines, page) => timelines.DirectAsync(new ProfileId(3), page, default),
        ];
        PageRequest[] pages = [PageRequest.Newest(20), PageRequest.OlderThan(new TimelinePosition(500), 20), PageRequest.NewerThan(new TimelinePosition(500), 20)];
        PageRequest[] direct = [PageRequest.Newest(20), PageRequest.OlderThan(new TimelinePosition(100_500), 20), PageRequest.NewerThan(new TimelinePosition(100_500), 20)];
        await using var explained = await Explained.OpenAsync(database);
        var session = Snapshot(explained);
        var costs = new List<Cost>();
        foreach (var list in lists)
        {
            foreach (var page in list == lists[^1] ? direct : pages)
                costs.Add(await MeasureAsync(explained, session, async () => (await list(session.Timelines, page)).Count));
        }

        return costs;
    }

    // Both with plans for the values of one call and with those for any.
    private async Task<List<Cost>> MeasureQuestionsAsync()
    {
        ProfileId[] people = [.. Enumerable.Range(300, 20).Select(number => new ProfileId(number))];
        await using var explained = await Explained.OpenAsync(database);
        var session = Snapshot(explained);
        Func<ValueTask<int>>[] questions =
        [
            async () => (await session.Profiles.CountAsync(people, default)).Count,
            async () => (await session.Subscriptions.RelateAsync(Alice, people, default)).Count,
            async () => (await session.Subscriptions.ListPublishersAsync(Alice, new SubscriptionId(500), 20, default)).Count,
            async () => (await session.Subscriptions.ListSubscribersAsync(Alice, SubscriptionState.Active, new SubscriptionId(100_500), 20, default)).Count,
            async () => (await session.Profiles.ListAsync([.. people.Select(person => ProfileUri.Parse($"https://here.example/{person}"))], default)).Count,
            async () => (await session.Timelines.LatestAsync(people, Alice, default)).Count,
            async () => (await session.Notices.ListAsync([.. people.Select(person => new NoticeId(person.Value))], Alice, default)).Count,
        ];
        var costs = new List<Cost>();
        foreach (var mode in new[] { "force_custom_plan", "force_generic_plan" })
        {
            session.Sql("SET LOCAL plan_cache_mode = " + mode).Later();
            foreach (var question in questions)
            {
                var asked = session.Asked;
                costs.Add(await MeasureAsync(explained, session, question));
                // The one that makes it be counted asks too.
                Assert.Equal(2, session.Asked - asked);
            }
        }

        return costs;
    }

    private PostgresSession Snapshot(Explained explained) => new(
        explained.Connection, [new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")], new DatabaseClock(clock), long.MaxValue, isReadOnly: true);

    private static async Task<Cost> MeasureAsync(Explained explained, PostgresSession session, Func<ValueTask<int>> read)
    {
        var entries = await read();
        // A statement is counted when the next one takes its place.
        await session.Sql("SELECT 1::bigint").ScalarAsync();
        var (rows, buffers, sorts) = explained.Take(sortsAbove: 2 * 20);
        return new Cost(entries, rows, buffers, sorts);
    }

    private sealed record Cost(int Entries, double Rows, double Buffers, int Sorts);
}
