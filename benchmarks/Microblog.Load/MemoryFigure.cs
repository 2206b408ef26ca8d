using Microblog.Load.Ingest;
using Microblog.Load.Servers;

namespace Microblog.Load;

/// <summary>Resident memory of a node with many stored notices: idle below 150 MB, under the ingest load below 300 MB.</summary>
internal static class MemoryFigure
{
    private const int MostPerSecond = 15_000;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        var files = place.At("node");
        await (await ServerProcess.StartAsync("node", files)).DisposeAsync();
        var grants = Grant.Load(files);
        Console.Error.WriteLine($"Filling: {options.Notices:N0} notices");
        await Filling.AddNoticesAsync(new NodeDatabase(files, null), new ProfileId(grants[0].Listener), options.Notices, new NoticeId(grants[0].Listener - (1 << 12)));

        await using var node = await ServerProcess.StartAsync("node", files);
        using (var client = new HttpClient { BaseAddress = node.Address })
        {
            // Somebody has looked at it.
            foreach (var page in new[] { "", "listener0", "listener1" })
                (await client.GetAsync(new Uri(page, UriKind.Relative), cancellationToken)).EnsureSuccessStatusCode();
        }

        await Task.Delay(IdleTime, cancellationToken);
        var idle = Machine.ReadMemory(node.Id).Now;
        Console.WriteLine($"{options.Notices:N0} notices stored, file {new FileInfo(Path.Combine(files, "node.db")).Length / 1e6:N0} MB");
        Console.WriteLine();
        Console.WriteLine("| | resident | limit | ratio |");
        Console.WriteLine("|---|---|---|---|");
        Console.WriteLine($"| idle | {idle:F0} MB | 150 MB | {idle / 150:F2} |");
        foreach (var connections in options.Connections)
        {
            var rate = new Sample();
            for (var round = 0; round < options.Rounds; round++)
            {
                var requests = SignedRequests.Make(grants, (int)(options.Duration.TotalSeconds * MostPerSecond));
                rate.Add((await LoadGenerator.RunAsync([node], requests, connections, options.Duration, cancellationToken)).PerSecond);
            }

            var highest = Machine.ReadMemory(node.Id).Highest;
            Console.WriteLine($"| {rate.Median:N0} notices a second on {connections} connections, highest so far | {highest:F0} MB | 300 MB | {highest / 300:F2} |");
        }
    }
}
