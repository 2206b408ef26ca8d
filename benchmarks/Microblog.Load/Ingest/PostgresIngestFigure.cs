using Microblog.Load.Servers;

namespace Microblog.Load.Ingest;

/// <summary>Signed, durable postNotice on PostgreSQL, against durable inserts of single rows on as many connections of the same server: at
/// least 0.5 of it; and two processes against one: at least 0.9.</summary>
internal static class PostgresIngestFigure
{
    /// <summary>More than any server here answers in a second; requests left over are thrown away.</summary>
    private const int MostPerSecond = 10_000;
    private const int WarmUps = 3;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        using var databases = new Databases(isPostgres: true, place);
        var (alone, shared, bare) = (databases.Add("alone"), databases.Add("shared"), databases.Add("bare"));
        await BareInserts.CreateTableAsync(bare.Postgres!);
        await using var one = await ServerProcess.StartNodeAsync(alone);
        await using var first = await ServerProcess.StartNodeAsync(shared);
        await using var second = await ServerProcess.StartNodeAsync(shared);

        Console.Error.WriteLine("Warming up");
        for (var i = 0; i < WarmUps; i++)
            await MeasureAsync(options.Connections[^1]);
        Console.WriteLine($"fsync of 4 KiB, one thread: {Machine.MeasureSynchronisations(place.At("sync"), TimeSpan.FromSeconds(2)):N0} a second");
        Console.WriteLine();
        Console.WriteLine("| connections | bare inserts | 1 process | ratio to bare | ratios of the rounds | 2 processes | ratio to 1 | ratios of the rounds |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var connections in options.Connections)
        {
            var (bares, ones, twos, toBare, toOne) = (new Sample(), new Sample(), new Sample(), new Sample(), new Sample());
            for (var round = 0; round < options.Rounds; round++)
            {
                var (ofBare, ofOne, ofTwo) = await MeasureAsync(connections);
                bares.Add(ofBare);
                ones.Add(ofOne.PerSecond);
                twos.Add(ofTwo.PerSecond);
                toBare.Add(ofOne.PerSecond / ofBare);
                toOne.Add(ofTwo.PerSecond / ofOne.PerSecond);
                Console.Error.WriteLine($"{connections} connections, round {round + 1}: {ofBare:N0} a second, {ofOne} and {ofTwo}");
            }

            Console.WriteLine(
                $"| {connections} | {bares.Median:N0}/s | {ones.Median:N0}/s | {toBare.Median:F2} | {toBare} | {twos.Median:N0}/s | {toOne.Median:F2} | {toOne} |");
        }

        async Task<(double Bare, LoadResult One, LoadResult Two)> MeasureAsync(int connections)
        {
            var ofBare = await BareInserts.RunAsync(bare.Postgres!, connections, options.Duration, cancellationToken);
            return (ofBare, await LoadAsync([one], alone), await LoadAsync([first, second], shared));

            async Task<LoadResult> LoadAsync(IReadOnlyList<ServerProcess> servers, NodeDatabase database)
            {
                var requests = SignedRequests.Make(Grant.Load(database.Directory), (int)(options.Duration.TotalSeconds * MostPerSecond));
                return await LoadGenerator.RunAsync(servers, requests, connections, options.Duration, cancellationToken);
            }
        }
    }
}
