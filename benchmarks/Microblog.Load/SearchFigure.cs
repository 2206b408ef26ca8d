using System.Data.Common;
using System.Diagnostics;
using Microblog.Load.Servers;
using Microblog.Search;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>A page of 20 of what a search finds, by how many notices have the words: p99 below 50 ms; beside it the bare question to the index.</summary>
internal static class SearchFigure
{
    private const int PageSize = 20;
    private const int PagesAtOnce = 10;
    private const int StepRows = 1_000;

    // Of 1,000,000 notices: 10, 1,000 and 100,000 have the word. No notice has both "apple" and "pear"; "apple" stands before "cherry" in all
    // that have one of them, and behind it in none.
    private static readonly (string Name, string Text, string Term)[] Queries =
    [
        ("a word of 10", "quince", "quince"),
        ("a word of 1,000", "medlar", "medlar"),
        ("a word of 100,000", "apple", "apple"),
        ("a word of all", "notice", "notice"),
        ("a prefix of 100,000", "appl*", ""),
        ("a phrase that 100,000 have", "\"apple cherry\"", ""),
        ("a phrase that none of 100,000 has", "\"cherry apple\"", ""),
        ("100,000 and 1,000", "apple medlar", ""),
        ("100,000 and 100,000 that never meet", "apple pear", ""),
        ("a word and its author", "medlar from:writer", ""),
        ("a word of none", "durian", "durian"),
    ];

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        var database = databases.Add("search");
        var application = NodeServer.Build(database);
        await application.StartAsync(cancellationToken);
        try
        {
            var reader = await FillAsync(application, database, options.Notices, cancellationToken);
            await using var connection = await database.OpenAsync();
            var cases = Queries.Select(query => new Case(application, reader, connection, options.IsPostgres, query)).ToList();
            await Sample.TakeInTurnAsync(cases, options.Duration, options.Duration * cases.Count, (one, isWarmUp) => one.MeasureAsync(isWarmUp, cancellationToken));
            Print(cases);
        }
        finally
        {
            await application.StopAsync(CancellationToken.None);
            await application.DisposeAsync();
        }
    }

    private static async Task<ProfileId> FillAsync(WebApplication application, NodeDatabase database, int count, CancellationToken cancellationToken)
    {
        var node = application.Services.GetRequiredService<MicroblogNode>();
        var store = application.Services.GetRequiredService<IMicroblogStore>();
        var writer = (await node.JoinAsync("writer", "writer", cancellationToken)).Value;
        var reader = (await node.JoinAsync("reader", "reader", cancellationToken)).Value;
        Console.Error.WriteLine($"Filling: {count:N0} notices");
        await AddNoticesAsync(database, writer.Id, count);
        // The node's own worker does the same in smaller steps; two at once share the work.
        var watch = Stopwatch.StartNew();
        while (await store.ReadAsync(Freshness.Latest, (session, ct) => session.Search.MeasureAsync(ct), cancellationToken) is { IsBehind: true } state)
            await store.ExecuteAsync((session, ct) => session.Search.IndexAsync(StepRows, state.Horizon, ct), cancellationToken);
        Console.WriteLine($"{count:N0} notices were taken up in {watch.Elapsed.TotalSeconds:F0} s.");
        Console.WriteLine();
        await using var connection = await database.OpenAsync();
        await database.SettleAsync(connection);
        return reader.Id;
    }

    private static async Task AddNoticesAsync(NodeDatabase database, ProfileId writer, int count)
    {
        await using var connection = await database.OpenAsync();
        // Older than the people who wrote them, so that new numbers stay above; one a second.
        await database.RunAsync(connection, $"""
            BEGIN;
            WITH RECURSIVE counted (i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM counted WHERE i < {count})
            INSERT INTO microblog.notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                reply_to_uri, conversation, mentions, tags, audience, extensions)
            SELECT {writer.Value} - ({count} - i + 1) * (1000 << 12), 'https://here.example/notice/' || i, {writer.Value},
                'Notice number ' || i || ' of a long life: nothing much happened, and that is written here'
                || CASE i % 10 WHEN 0 THEN ' apple cherry' WHEN 3 THEN ' pear' ELSE '' END
                || CASE WHEN i % 1000 = 0 THEN ' medlar' ELSE '' END || CASE WHEN i % 100000 = 0 THEN ' quince' ELSE '' END,
                '', '', 0, false, false, 0, 0, '', {writer.Value} - ({count} - i + 1) * (1000 << 12), '', '', '', ''
            FROM counted;
            COMMIT
            """);
    }

    private static void Print(List<Case> cases)
    {
        Console.WriteLine("| looked for | found on the page | median | p99 | bare index, median | p99 |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var one in cases)
        {
            var bare = one.Bare.Count == 0 ? " | " : $"{one.Bare.Median / 1000:F2} ms | {one.Bare.Percentile(99) / 1000:F2} ms";
            Console.WriteLine($"| {one.Name} | {one.Found} | {one.Whole.Median / 1000:F2} ms | {one.Whole.Percentile(99) / 1000:F2} ms | {bare} |");
        }
    }

    private sealed class Case(
        WebApplication application, ProfileId reader, DbConnection connection, bool isPostgres, (string Name, string Text, string Term) query)
    {
        private DbCommand? command;

        public string Name => query.Name;

        public int Found { get; private set; }

        public Sample Whole { get; } = new();

        public Sample Bare { get; } = new();

        public async Task MeasureAsync(bool isWarmUp, CancellationToken cancellationToken)
        {
            if (!SearchQuery.TryParse(query.Text, out var parsed, out var problem))
                throw new InvalidOperationException(problem);
            var node = application.Services.GetRequiredService<MicroblogNode>();
            for (var i = 0; i < PagesAtOnce; i++)
            {
                var started = Stopwatch.GetTimestamp();
                var page = await node.ReadAsync(Freshness.Latest, (session, ct) => session.Search.NoticesAsync(parsed, reader, null, PageSize, ct), cancellationToken);
                Add(isWarmUp, Whole, started);
                Found = page.Count;
                if (query.Term.Length == 0)
                    continue;
                started = Stopwatch.GetTimestamp();
                await AskAsync(cancellationToken);
                Add(isWarmUp, Bare, started);
            }
        }

        private static void Add(bool isWarmUp, Sample sample, long started)
        {
            if (!isWarmUp)
                sample.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        private async Task AskAsync(CancellationToken cancellationToken)
        {
            command ??= Prepare();
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
                _ = rows.GetInt64(0);
        }

        private DbCommand Prepare()
        {
            var made = connection.CreateCommand();
            made.CommandText = isPostgres
                ? $"SELECT notice FROM microblog.search WHERE term = '{query.Term}' ORDER BY notice DESC LIMIT {PageSize + 1}"
                : $"SELECT rowid FROM microblog_search WHERE microblog_search MATCH '\"{query.Term}\"' ORDER BY rowid DESC LIMIT {PageSize + 1}";
            made.Prepare();
            return made;
        }
    }
}
