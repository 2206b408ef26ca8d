using System.Diagnostics;
using System.Globalization;
using Microblog.Load.Servers;

namespace Microblog.Load;

/// <summary>2,000 open streams: memory of the process below 200 MB, and a new notice at all of them within a second.</summary>
internal static class LiveFigure
{
    private const int Streams = 2_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        Console.WriteLine($"| {Streams:N0} streams | median until all have it | slowest | limit | resident, idle | resident, highest | limit |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        await RunAsync("raw Kestrel, the same bytes to all", "live-bare", place.At("bare"), "/live/public", options, cancellationToken);
        await RunAsync("the public timeline, visitors", "live", place.At("public"), "/live/public", options, cancellationToken);
        await RunAsync("homes of as many people", "live", place.At("home"), "/live/home", options, cancellationToken);
    }

    private static async Task RunAsync(string name, string kind, string files, string path, LoadOptions options, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartAsync(kind, files);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        if (kind == "live")
            (await client.PostAsync(new Uri($"/people/{Streams}", UriKind.Relative), null, cancellationToken)).EnsureSuccessStatusCode();
        var streams = new List<StreamReader>();
        for (var i = 0; i < Streams; i++)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (path == "/live/home")
                request.Headers.Add(LiveServer.PersonHeader, "p" + i.ToString(CultureInfo.InvariantCulture));
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            streams.Add(new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
        }

        await Task.Delay(Quiet, cancellationToken);
        var idle = Machine.ReadMemory(server.Id).Now;
        var times = new Sample();
        var slowest = 0.0;
        for (var round = 0; round < options.Rounds; round++)
        {
            var all = streams.Select(stream => NextAsync(stream, cancellationToken)).ToArray();
            var watch = Stopwatch.StartNew();
            (await client.PostAsync(new Uri("/publish", UriKind.Relative), null, cancellationToken)).EnsureSuccessStatusCode();
            await Task.WhenAll(all);
            times.Add(watch.Elapsed.TotalMilliseconds);
            slowest = Math.Max(slowest, watch.Elapsed.TotalMilliseconds);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        Console.WriteLine($"| {name} | {times.Median:N0} ms | {slowest:N0} ms | 1,000 ms | {idle:F0} MB | {Machine.ReadMemory(server.Id).Highest:F0} MB | 200 MB |");
    }

    private static async Task NextAsync(StreamReader stream, CancellationToken cancellationToken)
    {
        while (await stream.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException("A stream ended.");
    }
}
