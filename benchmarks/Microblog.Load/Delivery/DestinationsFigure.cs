using System.Diagnostics;
using System.Net.Sockets;
using Microblog.Load.Servers;
using Microsoft.AspNetCore.Builder;

namespace Microblog.Load.Delivery;

/// <summary>1,000 services of which 100 refuse connections and 100 are black holes: the living have a notice within 1.2 times of the time
/// that they need alone.</summary>
internal static class DestinationsFigure
{
    private const int Living = 800;
    private const int Dead = 100;
    private const int NoticesAfterwards = 10;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        await using var sinks = await Sinks.StartAsync(place, Living);
        using var holes = await BlackHoles.OpenAsync(Dead);
        var mixed = Mix(sinks, holes);
        await CheckAsync(mixed, cancellationToken);
        var (first, next) = (new Comparison(), new Comparison());
        for (var round = -1; round < options.Rounds; round++)
        {
            // A new node each time, which knows nothing of anybody yet and whose open requests end with it.
            var alone = await MeasureAsync(databases.Add($"alone{round}"), sinks.Roots, sinks, cancellationToken);
            var among = await MeasureAsync(databases.Add($"among{round}"), mixed, sinks, cancellationToken);
            Console.Error.WriteLine($"Round {round + 1}: alone {alone}, among the dead {among}");
            if (round < 0)
                continue;
            first.Add(alone.First, among.First);
            next.Add(alone.Next, among.Next);
        }

        Console.WriteLine($"| {Living} living services have | alone | among {2 * Dead} dead ones | ratio | ratios of the rounds |");
        Console.WriteLine("|---|---|---|---|---|");
        Console.WriteLine($"| the first notice | {first} |");
        Console.WriteLine($"| {NoticesAfterwards} more, from then on | {next} |");
    }

    // Every fifth is dead, so that they are met all the way.
    private static List<string> Mix(Sinks sinks, BlackHoles holes)
    {
        var roots = new List<string>();
        for (var i = 0; i < Living; i++)
        {
            roots.Add(sinks.Roots[i]);
            if (i % 8 == 3)
                roots.Add(SinkServer.Root(2, i / 8, sinks.Port));
            if (i % 8 == 7)
                roots.Add(holes.Roots[i / 8]);
        }

        return roots;
    }

    // That the dead are dead in the way that they should be, or there is nothing to measure.
    private static async Task CheckAsync(List<string> roots, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, int> { ["answers"] = 0, ["refuses"] = 0, ["is silent"] = 0 };
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Parallel.ForEachAsync(roots, new ParallelOptions { MaxDegreeOfParallelism = roots.Count, CancellationToken = cancellationToken }, async (root, ct) =>
        {
            var kind = await AskAsync(client, root, ct);
            lock (counts)
                counts[kind]++;
        });
        if (counts["answers"] != Living || counts["refuses"] != Dead || counts["is silent"] != Dead)
            throw new InvalidOperationException(string.Join(", ", counts));
    }

    private static async Task<string> AskAsync(HttpClient client, string root, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(root + "count"), cancellationToken);
            return "answers";
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return "refuses";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "is silent";
        }
    }

    private static async Task<Times> MeasureAsync(NodeDatabase database, IReadOnlyList<string> roots, Sinks sinks, CancellationToken cancellationToken)
    {
        await using var application = NodeServer.Build(database);
        await application.StartAsync(cancellationToken);
        try
        {
            using var authors = await Authors.OpenAsync(application.Services, database, cancellationToken);
            var author = await authors.AddAsync(roots, followers: 0);
            return new Times(
                await DeliverAsync(authors, author, 1, sinks, cancellationToken),
                await DeliverAsync(authors, author, NoticesAfterwards, sinks, cancellationToken));
        }
        finally
        {
            await application.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<double> DeliverAsync(Authors authors, ProfileId author, int notices, Sinks sinks, CancellationToken cancellationToken)
    {
        var before = await sinks.CountAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < notices; i++)
            await authors.PublishAsync(author);
        await sinks.WaitAsync(before + notices * Living, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>In milliseconds.</summary>
    private sealed record Times(double First, double Next)
    {
        public override string ToString() => $"{First:N0} and {Next:N0} ms";
    }

    private sealed class Comparison
    {
        private readonly Sample alone = new();
        private readonly Sample among = new();
        private readonly Sample ratios = new();

        public void Add(double one, double other)
        {
            alone.Add(one);
            among.Add(other);
            ratios.Add(other / one);
        }

        public override string ToString() => $"{alone.Median:N0} ms | {among.Median:N0} ms | {ratios.Median:F2} | {ratios}";
    }
}
