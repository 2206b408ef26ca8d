using System.Globalization;
using Microblog.Load.Servers;

namespace Microblog.Load.Delivery;

/// <summary>Other services in a process of their own, each with an address of its own, and what has reached them.</summary>
internal sealed class Sinks : IAsyncDisposable
{
    private readonly ServerProcess process;
    private readonly HttpClient client;

    private Sinks(ServerProcess process, int count)
    {
        this.process = process;
        client = new HttpClient { BaseAddress = process.Address };
        Roots = [.. Enumerable.Range(0, count).Select(number => SinkServer.Root(1, number, Port))];
    }

    public int Port => process.Address.Port;

    public IReadOnlyList<string> Roots { get; }

    public static async Task<Sinks> StartAsync(TemporaryDirectory place, int count) =>
        new(await ServerProcess.StartAsync("sinks", place.At("sinks"), count.ToString(CultureInfo.InvariantCulture)), count);

    /// <summary>How many deliveries have come since the start.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        long.Parse(await client.GetStringAsync(new Uri("count", UriKind.Relative), cancellationToken), CultureInfo.InvariantCulture);

    /// <summary>Waits until so many have come since the start.</summary>
    public async Task WaitAsync(long count, CancellationToken cancellationToken) =>
        (await client.GetAsync(new Uri($"arrived/{count}", UriKind.Relative), cancellationToken)).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await process.DisposeAsync();
    }
}
