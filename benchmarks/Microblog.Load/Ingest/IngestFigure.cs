using Microblog.Load.Servers;

namespace Microblog.Load.Ingest;

/// <summary>Signed, durable postNotice, against a bare endpoint that stores the same rows: at least 0.7 of it.</summary>
internal static class IngestFigure
{
    /// <summary>More than any server here answers in a second; requests left over are thrown away.</summary>
    private const int MostPerSecond = 25_000;

    // The compiler goes on improving the code for a while, and takes its time from whoever is measured.
    private const int WarmUps = 3;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        var (nodeFiles, bareFiles) = (place.At("node"), place.At("bare"));
        await using var node = await ServerProcess.StartAsync("node", nodeFiles);
        var grants = Grant.Load(nodeFiles);
        File.Copy(Path.Combine(nodeFiles, "grants.tsv"), Path.Combine(bareFiles, "grants.tsv"));
        await using var bare = await ServerProcess.StartAsync("bare", bareFiles);

        Console.Error.WriteLine("Warming up");
        for (var i = 0; i < WarmUps; i++)
            await MeasureAsync(options.Connections[^1]);
        Console.WriteLine($"fsync of 4 KiB, one thread: {Machine.MeasureSynchronisations(place.At("sync"), TimeSpan.FromSeconds(2)):N0} a second");
        Console.WriteLine();
        Console.WriteLine("| connections | node | bare | ratio | ratios of the rounds | processor time of a notice, node | bare |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var connections in options.Connections)
        {
            var (nodes, bares, nodeTimes, bareTimes, ratios) = (new Sample(), new Sample(), new Sample(), new Sample(), new List<double>());
            for (var round = 0; round < options.Rounds; round++)
            {
                var (ofNode, ofBare) = await MeasureAsync(connections);
                nodes.Add(ofNode.PerSecond);
                bares.Add(ofBare.PerSecond);
                nodeTimes.Add(ofNode.ProcessorTime);
                bareTimes.Add(ofBare.ProcessorTime);
                ratios.Add(ofNode.PerSecond / ofBare.PerSecond);
                Console.Error.WriteLine($"{connections} connections, round {round + 1}: {ofNode} and {ofBare}");
            }

            Console.WriteLine(
                $"| {connections} | {nodes.Median:N0}/s | {bares.Median:N0}/s | {ratios.Order().ElementAt(ratios.Count / 2):F2} | "
                + $"{string.Join(' ', ratios.Select(r => $"{r:F2}"))} | {nodeTimes.Median:F0} µs | {bareTimes.Median:F0} µs |");
        }

        // The same bytes for both, in turn, so that both meet the same weather.
        async Task<(LoadResult Node, LoadResult Bare)> MeasureAsync(int connections)
        {
            var requests = SignedRequests.Make(grants, (int)(options.Duration.TotalSeconds * MostPerSecond));
            var ofNode = await LoadGenerator.RunAsync([node], requests, connections, options.Duration, cancellationToken);
            var ofBare = await LoadGenerator.RunAsync([bare], requests, connections, options.Duration, cancellationToken);
            return (ofNode, ofBare);
        }
    }
}
