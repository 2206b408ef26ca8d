using System.Buffers;
using System.Text;
using System.Text.Json;
using Microblog.Delivery;
using Microblog.Http;
using Microblog.Live;
using Microblog.Pages;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.Feeds;

/// <summary>Every public notice of this node, and what becomes of it, in order, to whoever builds on them: Server-Sent Events from any position on.
/// Each stream reads for itself, forward, so one that has much to catch up on holds up nobody.</summary>
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
        var place = PlaceOf(request) ?? await FindEndAsync(cancellationToken).ConfigureAwait(false);
        var network = ClientNetwork.Of(request.RemoteAddress);
        return Refuse(network) is { } refusal ? refusal : Answer((output, ct) => WriteAsync(output, place, network, ct));
    }

    // Counted from here on and not before: a client that has gone by now would never give its place back. Some that come at once may be one too many.
    private async ValueTask WriteAsync(Stream output, ChangePlace place, string network, CancellationToken cancellationToken)
    {
        Enter(network, 1);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping.Token);
        try
        {
            await WriteAsync(output, place, either.Token).ConfigureAwait(false);
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

    private async ValueTask WriteAsync(Stream output, ChangePlace place, CancellationToken cancellationToken)
    {
        var timer = new WakeUp(starter);
        var written = clock.GetTimestamp();
        await output.WriteAsync(LiveEvents.Opening, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var page = await ReadAsync(place, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Events)
                await output.WriteAsync(BytesOf(item), cancellationToken).ConfigureAwait(false);
            var isIdle = page.Events.Count == 0;
            if (isIdle && clock.GetElapsedTime(written) >= BeatInterval)
                await output.WriteAsync(LiveEvents.Beat, cancellationToken).ConfigureAwait(false);
            if (!isIdle || clock.GetElapsedTime(written) >= BeatInterval)
            {
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                written = clock.GetTimestamp();
            }

            var isAll = page.Next == place;
            place = page.Next;
            if (isAll)
                await timer.WaitAsync(PollInterval, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> BytesOf(FirehoseEvent item)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(Encoding.ASCII.GetBytes($"id: {IdOf(item.Place)}\nevent: {item.Name}\ndata: "));
        // The writer escapes line ends, so that it is one line whatever people write.
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (item.Entry is { } entry)
                JsonFeed.WriteItem(json, entry, addresses);
            else
                WriteGone(json, item);
        }

        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private void WriteGone(Utf8JsonWriter json, FirehoseEvent item)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Uri.Value);
        json.WriteString("url", addresses.NoticeUri(item.Place.Notice));
        json.WriteEndObject();
    }

    // Several that are deleted together share a position.
    private static string IdOf(ChangePlace place) => place.Notice.IsNone ? $"{place.Position}" : $"{place.Position}.{place.Notice}";

    private static ChangePlace? PlaceOf(NodeRequest request) =>
        Parse(request.Header("Last-Event-ID")) is var last && last != default ? last
        : NodeForm.OfQuery(request)["after"] is { Length: > 0 } after ? Parse(after)
        : null;

    private static ChangePlace Parse(string id)
    {
        var parts = id.Split('.', 2);
        return new ChangePlace(new TimelinePosition(Visit.Number(parts[0])), new NoticeId(parts.Length > 1 ? Visit.Number(parts[1]) : 0));
    }

    // From the newest notice on, over what became of others since.
    private async Task<ChangePlace> FindEndAsync(CancellationToken cancellationToken)
    {
        var newest = await node.ReadAsync(
            Freshness.MayLag, (session, ct) => session.Timelines.PublicAsync(default, PageRequest.Newest(1), ct), cancellationToken).ConfigureAwait(false);
        var place = new ChangePlace(newest.Next, default);
        while ((await ReadAsync(place, cancellationToken).ConfigureAwait(false)).Next is var next && next != place)
            place = next;
        return place;
    }

    private Task<FirehosePage> ReadAsync(ChangePlace after, CancellationToken cancellationToken) =>
        node.ReadAsync(Freshness.MayLag, (session, ct) => FirehosePage.ReadAsync(session, after, ct), cancellationToken);

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
