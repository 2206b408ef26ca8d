using System.Diagnostics;
using Microblog.Load.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>How long a publish takes: up to 1,000 destinations at most 20 bare durable commits; and that a large one at most doubles
/// what somebody else's takes meanwhile.</summary>
internal static class PublishFigure
{
    private const int LargeAudience = 10_000;
    private const int ManyFollowers = 100_000;
    private const int FewestSamples = 5;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(options.IsPostgres, place);
        var database = databases.Add("publish");
        using var network = new InstantNetwork();
        await using var application = NodeServer.Build(database, network);
        await application.StartAsync(cancellationToken);
        using var authors = await Authors.OpenAsync(application.Services, database, cancellationToken);
        using var bare = await BareCommit.OpenAsync(databases.Add("bare"));

        try
        {
            await MeasureLatencyAsync(options, authors, bare);
            await MeasureNeighbourAsync(options, authors);
        }
        finally
        {
            await application.StopAsync(CancellationToken.None);
        }
    }

    private static async Task MeasureLatencyAsync(LoadOptions options, Authors authors, BareCommit bare)
    {
        var cases = new List<(string Name, ProfileId Author)>();
        foreach (var destinations in new[] { 0, 1, 100, 1000, LargeAudience })
            cases.Add(($"{destinations:N0} destinations", await authors.AddAsync(destinations, followers: 0)));
        cases.Add(($"{ManyFollowers:N0} local followers", await authors.AddAsync(destinations: 0, ManyFollowers)));

        foreach (var (_, author) in cases.SelectMany(c => Enumerable.Repeat(c, 3)))
        {
            await authors.PublishAsync(author);
            await authors.WaitForFanOutAsync();
        }

        Console.WriteLine("| publish to | median | p95 | bare durable commit, median | ratio |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (name, author) in cases)
        {
            Console.Error.WriteLine(name);
            var (publish, commit) = (new Sample(), new Sample());
            for (var watch = Stopwatch.StartNew(); publish.Count < FewestSamples || watch.Elapsed < options.Duration;)
            {
                commit.Add(bare.Measure());
                publish.Add(await authors.PublishAsync(author));
                await authors.WaitForFanOutAsync();
            }

            Console.WriteLine($"| {name} | {publish.Median:F0} µs | {publish.Percentile(95):F0} µs | {commit.Median:F0} µs | {publish.Median / commit.Median:F1} |");
        }
    }

    // Somebody publishes one notice after the other, alone and while a large publish is carried on.
    private static async Task MeasureNeighbourAsync(LoadOptions options, Authors authors)
    {
        var neighbour = await authors.AddAsync(destinations: 0, followers: 10);
        var many = await authors.AddAsync(LargeAudience, followers: 0);
        var popular = await authors.AddAsync(destinations: 0, ManyFollowers);
        Console.WriteLine();
        Console.WriteLine("| another author's publish | median | ratio | p95 | ratio | samples |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var (name, author) in new[] { ($"{LargeAudience:N0} destinations", many), ($"{ManyFollowers:N0} local followers", popular) })
        {
            Console.Error.WriteLine($"Beside {name}");
            var (alone, meanwhile) = (new Sample(), new Sample());
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var watch = Stopwatch.StartNew(); watch.Elapsed < options.Duration / 4;)
                    alone.Add(await authors.PublishAsync(neighbour));
                await authors.PublishAsync(author);
                for (var fanOut = authors.WaitForFanOutAsync(); !fanOut.IsCompleted;)
                    meanwhile.Add(await authors.PublishAsync(neighbour));
            }

            Console.WriteLine($"| alone | {alone.Median:F0} µs | 1 | {alone.Percentile(95):F0} µs | 1 | {alone.Count} |");
            Console.WriteLine(
                $"| beside a publish to {name} | {meanwhile.Median:F0} µs | {meanwhile.Median / alone.Median:F2} "
                + $"| {meanwhile.Percentile(95):F0} µs | {meanwhile.Percentile(95) / alone.Percentile(95):F2} | {meanwhile.Count} |");
        }
    }
}
