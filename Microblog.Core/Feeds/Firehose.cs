using System.Buffers;
using System.Text;
using System.Text.Json;
using Microblog.Delivery;
using Microblog.Http;
using Microblog.Live;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.Feeds;

/// <summary>Every public notice of this node, in order, to whoever builds on them: Server-Sent Events from any position on. Each stream reads for
/// itself, forward, so one that has much to catch up on holds up nobody.</summary>
internal sealed class Firehose(MicroblogNode node, NodeAddresses addresses, TaskStarter starter, TimeProvider clock, IOptions<MicroblogOptions> options)
    : INodeRoutes, IHostedLifecycleService, IDisposable
{
    /// <summary>Most streams of one network (IPv6: one /64), so that nobody takes all of them.</summary>
    public const int MaxPerNetwork = 4;

    private const string MediaType = "text/event-stream";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();

    public IEnumerable<NodeRoute> Routes => [new NodeRoute { Method = "GET", Template = "/firehose", Handler = OpenAsync }];

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends all streams, before the host waits for its connections to end by themselves.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        stopping.Cancel();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends all streams. The source itself has nothing to dispose.</summary>
    public void Dispose() => stopping.Cancel();

    private async ValueTask<NodeResponse> OpenAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        if (request.Method == "HEAD")
            return Answer(static (_, _) => default);
        var position = LiveRoutes.PositionOf(request)
            ?? (await ReadAsync(PageRequest.Newest(1), cancellationToken).ConfigureAwait(false)).Next;
        var network = ClientNetwork.Of(request.RemoteAddress);
        return Refuse(network) is { } refusal ? refusal : Answer((output, ct) => WriteAsync(output, position, network, ct));
    }

    // Counted from here on and not before: a client that has gone by now would never give its place back. Some that come at once may be one too many.
    private async ValueTask WriteAsync(Stream output, TimelinePosition position, string network, CancellationToken cancellationToken)
    {
        Enter(network, 1);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping.Token);
        try
        {
            await WriteAsync(output, position, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; whoever reads comes again with the last id.
        }
        finally
        {
            Enter(network, -1);
        }
    }

    private async ValueTask WriteAsync(Stream output, TimelinePosition position, CancellationToken cancellationToken)
    {
        var timer = new WakeUp(starter);
        var written = clock.GetTimestamp();
        await output.WriteAsync(LiveEvents.Opening, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // Forward: nothing that is still to come can stand before what is on such a page.
            var page = await ReadAsync(PageRequest.NewerThan(position, PageRequest.MaxCount), cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.Reverse())
                await output.WriteAsync(EventOf(entry), cancellationToken).ConfigureAwait(false);
            var isIdle = page.Count == 0;
            if (isIdle && clock.GetElapsedTime(written) >= BeatInterval)
                await output.WriteAsync(LiveEvents.Beat, cancellationToken).ConfigureAwait(false);
            if (!isIdle || clock.GetElapsedTime(written) >= BeatInterval)
            {
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                written = clock.GetTimestamp();
            }

            if (page.Next > position)
                position = page.Next;
            if (page.Count < PageRequest.MaxCount)
                await timer.WaitAsync(PollInterval, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> EventOf(TimelineEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(Encoding.ASCII.GetBytes($"id: {entry.Position}\nevent: notice\ndata: "));
        // The writer escapes line ends, so that it is one line whatever people write.
        using (var json = new Utf8JsonWriter(buffer))
            JsonFeed.WriteItem(json, entry, addresses);
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private Task<EntryPage> ReadAsync(PageRequest page, CancellationToken cancellationToken) =>
        node.ReadAsync(Freshness.MayLag, (session, ct) => session.Timelines.PublicAsync(default, page, ct), cancellationToken);

    private NodeResponse? Refuse(string network)
    {
        lock (gate)
        {
            return open.GetValueOrDefault(network) >= MaxPerNetwork
                ? NodeResponse.Text(429, "Too many streams go to your network already. Close one.").With("Retry-After", "60")
                : stopping.IsCancellationRequested || open.Values.Sum() >= options.Value.Live.MaxFirehoses
                ? NodeResponse.Text(503, "Too many streams are open. Come again later; nothing is missed.").With("Retry-After", "60")
                : null;
        }
    }

    private void Enter(string network, int change)
    {
        lock (gate)
        {
            if ((open[network] = open.GetValueOrDefault(network) + change) == 0)
                open.Remove(network);
        }
    }

    private static NodeResponse Answer(Func<Stream, CancellationToken, ValueTask> write) =>
        // Proxies that gather answers before they pass them on are asked not to (nginx).
        new NodeResponse(200, new NodeBody.Streamed(MediaType, write)).With("Cache-Control", "no-store").With("X-Accel-Buffering", "no")
            .With("Access-Control-Allow-Origin", "*");
}
