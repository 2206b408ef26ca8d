using System.Data.Common;
using System.Diagnostics;
using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>The first page of a conversation, by how many answers it has: within 1.5 times; beside it the bare rows.</summary>
internal static class ConversationFigure
{
    // No more than the smallest conversation has, so that all pages show equally much.
    private const int PageSize = 10;
    private const int PagesAtOnce = 50;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        var database = databases.Add("conversation");
        await using var application = NodeServer.Build(database);
        await application.StartAsync(cancellationToken);
        await using var connection = await database.OpenAsync();
        var cases = new List<Case>();
        foreach (var answers in new[] { 10, 1_000, 10_000 })
        {
            Console.Error.WriteLine($"Writing: {answers:N0} answers");
            cases.Add(await Case.WriteAsync(application, connection, options.IsPostgres, answers, cancellationToken));
        }

        await database.SettleAsync(connection);
        await Sample.TakeInTurnAsync(
            cases, options.Duration, options.Duration * cases.Count, (one, isWarmUp) => one.MeasureAsync(isWarmUp, cancellationToken));
        Console.WriteLine("| answers | first page, median | p95 | ratio | bare rows, median | p95 | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var one in cases)
            Console.WriteLine($"| {one.Answers:N0} | {one.Page.Beside(cases[0].Page)} | {one.Bare.Beside(cases[0].Bare)} |");
        await application.StopAsync(CancellationToken.None);
    }

    private sealed class Case(MicroblogNode node, NoticeId conversation, DbCommand bare, int answers)
    {
        public int Answers => answers;

        public Sample Page { get; } = new();

        public Sample Bare { get; } = new();

        /// <summary>Each answers the one before or the first, in turn, as people do.</summary>
        public static async Task<Case> WriteAsync(
            WebApplication application, DbConnection connection, bool isPostgres, int answers, CancellationToken cancellationToken)
        {
            var node = application.Services.GetRequiredService<MicroblogNode>();
            var writer = (await node.JoinAsync($"writer{answers}", $"writer{answers}", cancellationToken)).Value;
            var first = await PublishAsync(default);
            var last = first;
            for (var number = 0; number < answers; number++)
                last = await PublishAsync(number % 2 == 0 ? last : first);
            var bare = connection.CreateCommand();
            bare.CommandText = $"SELECT id, author, content FROM {(isPostgres ? "microblog.notice" : "microblog_notice INDEXED BY microblog_notice_conversation")} "
                + $"WHERE conversation = {first.Value} AND conversation <> id ORDER BY id DESC LIMIT {PageSize}";
            await bare.PrepareAsync(cancellationToken);
            return new Case(node, first, bare, answers);

            async Task<NoticeId> PublishAsync(NoticeId answered) => (await node.PublishAsync(
                writer.Id, new NoticeDraft { Content = "Nothing much happened, and that is written here at the usual length.", ReplyTo = answered }, null, cancellationToken)).Value.Id;
        }

        public async Task MeasureAsync(bool isWarmUp, CancellationToken cancellationToken)
        {
            for (var i = 0; i < PagesAtOnce; i++)
            {
                var started = Stopwatch.GetTimestamp();
                var page = await node.ReadAsync(
                    Freshness.Latest, (session, ct) => session.Timelines.ConversationAsync(conversation, default, PageRequest.Newest(PageSize), ct), cancellationToken);
                Add(Page, started);
                if (page.Count != PageSize)
                    throw new InvalidOperationException($"The page has {page.Count} entries.");
                started = Stopwatch.GetTimestamp();
                await using (var rows = await bare.ExecuteReaderAsync(cancellationToken))
                {
                    while (await rows.ReadAsync(cancellationToken))
                        _ = rows.GetString(2);
                }

                Add(Bare, started);
            }

            void Add(Sample sample, long started)
            {
                if (!isWarmUp)
                    sample.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }
        }
    }
}
