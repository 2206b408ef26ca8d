using System.Data.Common;
using System.Diagnostics;
using Microblog.Delivery;
using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load.Delivery;

/// <summary>Taking lanes as the worker does and settling them: from the shortest to the longest queue within 1.5 times.</summary>
internal static class LeaseFigure
{
    private const int SmallCase = 1000;
    private const int LeasesAtOnce = 10;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        var cases = new List<Case>();
        try
        {
            foreach (var (name, deliveries, isLopsided) in new[]
            {
                ($"{SmallCase:N0}", SmallCase, false),
                ($"{options.Deliveries:N0}", options.Deliveries, false),
                ($"{options.Deliveries:N0}, all but {SmallCase:N0} to one destination", options.Deliveries, true),
            })
            {
                Console.Error.WriteLine($"Filling: {name}");
                cases.Add(await Case.OpenAsync(databases.Add($"lease{cases.Count}"), name, deliveries, isLopsided));
                cancellationToken.ThrowIfCancellationRequested();
            }

            await Sample.TakeInTurnAsync(
                cases, options.Duration, options.Duration * options.Rounds, (one, isWarmUp) => one.MeasureAsync(isWarmUp, cancellationToken));

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
        Console.WriteLine("| deliveries waiting | lease, median | p95 | ratio | settlement, median | p95 | ratio | both, median | ratio | leases |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var one in cases)
        {
            Console.WriteLine(
                $"| {one.Name} | {one.Leases.Beside(cases[0].Leases)} | {one.Settlements.Beside(cases[0].Settlements)} "
                + $"| {one.Both.Median:F0} µs | {one.Both.Median / cases[0].Both.Median:F2} | {one.Both.Count} |");
        }
    }

    /// <summary>A node that is not started, so that nobody else takes anything; its store is.</summary>
    private sealed class Case(WebApplication application, NodeDatabase database, DbConnection connection, string name) : IAsyncDisposable
    {
        private const int Destinations = 100;
        private const int LanesOfAnAuthor = 200;

        private readonly IMicroblogStore store = application.Services.GetRequiredService<IMicroblogStore>();
        private readonly DeliveryOptions worker = new();
        private long lastDue;

        public string Name => name;

        public Sample Leases { get; } = new();

        public Sample Settlements { get; } = new();

        public Sample Both { get; } = new();

        public static async Task<Case> OpenAsync(NodeDatabase database, string name, int deliveries, bool isLopsided)
        {
            var application = NodeServer.Build(database);
            await application.Services.GetRequiredService<IMicroblogStore>().StartAsync(CancellationToken.None);
            var connection = await database.OpenAsync();
            await FillAsync(database, connection, deliveries, isLopsided ? deliveries - SmallCase : 0);
            return new Case(application, database, connection, name) { lastDue = deliveries };
        }

        public async Task MeasureAsync(bool isWarmUp, CancellationToken cancellationToken)
        {
            for (var i = 0; i < LeasesAtOnce; i++)
            {
                var lanes = Math.Min(worker.ParallelLanes, store.LanesPerTransaction);
                var request = new LeaseRequest(worker.LeaseDuration, lanes, worker.BatchSize, worker.PerDestination, Failing: false);
                var started = Stopwatch.GetTimestamp();
                var lease = await store.ExecuteAsync((session, ct) => session.Deliveries.LeaseAsync(request, ct), cancellationToken);
                var leased = Stopwatch.GetTimestamp();
                var settlements = lease.Lanes.Select(lane => new LaneSettlement(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false)).ToList();
                var settled = await store.ExecuteAsync((session, ct) => session.Deliveries.SettleAsync(settlements, ct), cancellationToken);
                var ended = Stopwatch.GetTimestamp();
                if (settled != lanes)
                    throw new InvalidOperationException($"{settled} lanes were leased and settled instead of {lanes}.");
                if (!isWarmUp)
                {
                    Leases.Add(Stopwatch.GetElapsedTime(started, leased).TotalMicroseconds);
                    Settlements.Add(Stopwatch.GetElapsedTime(leased, ended).TotalMicroseconds);
                    Both.Add(Stopwatch.GetElapsedTime(started, ended).TotalMicroseconds);
                }

                await PutBackAsync(lease.Lanes);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await application.DisposeAsync();
        }

        // To the end of the queue, as if something new had come, so that it stays as long as it is.
        private async Task PutBackAsync(IReadOnlyList<LeasedLane> lanes)
        {
            var ids = string.Join(',', lanes.Select(lane => lane.Id));
            await database.RunAsync(connection, $"""
                UPDATE microblog.lane SET position = 0, due_at = {++lastDue} WHERE id IN ({ids});
                UPDATE microblog.destination SET next_due = (SELECT min(due_at) FROM microblog.lane WHERE destination = microblog.destination.id)
                    WHERE id IN (SELECT destination FROM microblog.lane WHERE id IN ({ids}))
                """);
        }

        // Everybody has written one notice for all their lanes. Some of the lanes lead to the first destination, the others go round all.
        private static async Task FillAsync(NodeDatabase database, DbConnection connection, int lanes, int toFirst)
        {
            var destination = $"CASE WHEN i <= {toFirst} THEN 1 ELSE i % {Destinations} + 1 END";
            await database.RunAsync(connection, $"""
                BEGIN;
                {Counted(Destinations)}
                INSERT INTO microblog.destination (id, protocol, host, next_due) SELECT i, 'omb', 'd' || i || '.example', i FROM counted;
                {Counted((lanes - 1) / LanesOfAnAuthor + 1)}
                INSERT INTO microblog.event (number, author, lane, destination, kind, notice, data, at) SELECT i, i, 0, 0, 0, i, '', 1 FROM counted;
                {Counted(lanes)}
                INSERT INTO microblog.lane (id, author, protocol, endpoint, destination, follows_log, position, due_at)
                SELECT i, (i - 1) / {LanesOfAnAuthor} + 1, 'omb', 'https://d' || {destination} || '.example/omb/notice/' || i, {destination}, true, 0, i FROM counted;
                COMMIT
                """);
            await database.SettleAsync(connection);
        }

        private static string Counted(int count) =>
            $"WITH RECURSIVE counted (i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM counted WHERE i < {count})";
    }
}
