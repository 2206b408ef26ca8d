using System.Diagnostics;
using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>One page of 20 of the home timeline: from the smallest to the largest case within 1.5 times.</summary>
internal static class HomeFigure
{
    private const int PageSize = 20;
    private const int SmallCase = 10_000;
    private const int PagesAtOnce = 50;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        var cases = new List<Case>();
        try
        {
            foreach (var (subscriptions, notices) in new[] { (10, SmallCase), (10_000, SmallCase), (10, options.Notices), (10_000, options.Notices) })
            {
                Console.Error.WriteLine($"Filling: {subscriptions:N0} subscriptions, {notices:N0} notices");
                cases.Add(await Case.OpenAsync(databases.Add($"home-{subscriptions}-{notices}"), subscriptions, notices));
                cancellationToken.ThrowIfCancellationRequested();
            }

            var duration = options.Duration * cases.Count;
            await Sample.TakeInTurnAsync(cases, duration, duration, (one, isWarmUp) => one.MeasureAsync(isWarmUp, cancellationToken));

            Print(cases);
        }
        finally
        {
            foreach (var one in cases)
                await one.DisposeAsync();
        }
    }

    private static void Print(List<Case> cases)
    {
        Console.WriteLine("| subscriptions | notices | newest page, median | p95 | ratio | page at the middle, median | p95 | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var one in cases)
        {
            Console.WriteLine(
                $"| {one.Subscriptions:N0} | {one.Notices:N0} | {one.Newest.Beside(cases[0].Newest)} | {one.Middle.Beside(cases[0].Middle)} |");
        }
    }

    private sealed class Case(WebApplication application, ProfileId owner, NoticeId middle, int subscriptions, int notices) : IAsyncDisposable
    {
        public int Subscriptions => subscriptions;

        public int Notices => notices;

        public Sample Newest { get; } = new();

        public Sample Middle { get; } = new();

        public static async Task<Case> OpenAsync(NodeDatabase database, int subscriptions, int notices)
        {
            var application = NodeServer.Build(database);
            await application.StartAsync();
            var node = application.Services.GetRequiredService<MicroblogNode>();
            var store = application.Services.GetRequiredService<IMicroblogStore>();
            var owner = (await node.JoinAsync("reader", "reader")).Value;
            await Filling.SubscribeAsync(store, owner.Id, subscriptions);
            // Older than the people who wrote them, so that new numbers stay above.
            await Filling.AddNoticesAsync(database, owner.Id, notices, new NoticeId(owner.Id.Value - (1 << 12)));
            var middle = new NoticeId(owner.Id.Value - ((long)notices / 2 * 1000 << 12));
            return new Case(application, owner.Id, middle, subscriptions, notices);
        }

        public async Task MeasureAsync(bool isWarmUp, CancellationToken cancellationToken)
        {
            await MeasureAsync(PageRequest.Newest(PageSize), isWarmUp ? new Sample() : Newest, cancellationToken);
            await MeasureAsync(PageRequest.OlderThan(TimelinePosition.FromNoticeId(middle), PageSize), isWarmUp ? new Sample() : Middle, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }

        private async Task MeasureAsync(PageRequest page, Sample sample, CancellationToken cancellationToken)
        {
            var node = application.Services.GetRequiredService<MicroblogNode>();
            for (var i = 0; i < PagesAtOnce; i++)
            {
                var started = Stopwatch.GetTimestamp();
                var entries = await node.HomeAsync(owner, page, cancellationToken);
                sample.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
                if (entries.Count != PageSize)
                    throw new InvalidOperationException($"The page has {entries.Count} entries.");
            }
        }
    }
}
