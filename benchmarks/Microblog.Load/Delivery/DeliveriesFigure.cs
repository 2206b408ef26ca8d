using System.Diagnostics;
using System.Text;
using Microblog.Load.Servers;
using Microsoft.AspNetCore.Builder;

namespace Microblog.Load.Delivery;

/// <summary>Deliveries a second to 200 services that answer at once, sent, answered and settled: at least 2,000.</summary>
internal static class DeliveriesFigure
{
    private const int Services = 200;
    private const int Notices = 50;
    private const int AtOnce = 32;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        await using var sinks = await Sinks.StartAsync(place, Services);
        var database = databases.Add("deliveries");
        await using var application = NodeServer.Build(database);
        await application.StartAsync(cancellationToken);
        using var authors = await Authors.OpenAsync(application.Services, database, cancellationToken);
        using var client = new HttpClient();
        try
        {
            var one = new[] { await authors.AddAsync(sinks.Roots, followers: 0) };
            var many = new List<ProfileId>();
            for (var i = 0; i < Notices; i++)
                many.Add(await authors.AddAsync(sinks.Roots, followers: 0));
            await authors.SettleAsync();

            Console.WriteLine("| written | deliveries a second | plain requests a second | ratio | deliveries a second, by round |");
            Console.WriteLine("|---|---|---|---|---|");
            foreach (var (name, writers) in new[] { ($"{Notices} notices by one author", one), ($"one notice each by {Notices} authors", [.. many]) })
            {
                var (delivered, requested, ratios) = (new Sample(), new Sample(), new Sample());
                for (var round = -1; round < options.Rounds; round++)
                {
                    var plain = await RequestAsync(client, sinks, cancellationToken);
                    var rate = await DeliverAsync(authors, writers, sinks, cancellationToken);
                    Console.Error.WriteLine($"{name}, round {round + 1}: {rate:N0} a second, plain {plain:N0}");
                    if (round < 0)
                        continue;
                    delivered.Add(rate);
                    requested.Add(plain);
                    ratios.Add(rate / plain);
                }

                Console.WriteLine($"| {name} | {delivered.Median:N0} | {requested.Median:N0} | {ratios.Median:F2} | {delivered.ToString("N0")} |");
            }
        }
        finally
        {
            await application.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<double> DeliverAsync(Authors authors, ProfileId[] writers, Sinks sinks, CancellationToken cancellationToken)
    {
        var before = await sinks.CountAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Notices; i++)
            await authors.PublishAsync(writers[i % writers.Length]);
        await sinks.WaitAsync(before + Notices * Services, cancellationToken);
        await authors.WaitForFanOutAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        var arrived = await sinks.CountAsync(cancellationToken) - before;
        return arrived == Notices * Services ? arrived / elapsed.TotalSeconds
            : throw new InvalidOperationException($"{arrived} deliveries arrived instead of {Notices * Services}.");
    }

    // The least that it can cost: the same number of requests with bodies of the same length, and nobody keeps account.
    private static async Task<double> RequestAsync(HttpClient client, Sinks sinks, CancellationToken cancellationToken)
    {
        var body = Encoding.ASCII.GetBytes(new string('x', 900));
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Notices * Services), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (number, ct) =>
            {
                using var content = new ByteArrayContent(body);
                using var answer = await client.PostAsync(new Uri(sinks.Roots[number % Services] + "omb/notice"), content, ct);
                await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(ct);
            });
        return Notices * Services / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
