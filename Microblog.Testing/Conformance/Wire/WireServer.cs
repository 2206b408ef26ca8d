using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>A small HTTP server: one request per connection, answered by a function, every byte kept.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private const int MaxRequest = 256 * 1024;
    private const int MaxConnections = 64;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(10);
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim room = new(MaxConnections);
    private readonly Func<WireRequest, WireAnswer> respond;
    private readonly TimeProvider clock;
    private readonly Task accepting;

    /// <exception cref="SocketException">The address cannot be listened at.</exception>
    public WireServer(IPEndPoint address, Func<WireRequest, WireAnswer> respond, TimeProvider clock)
    {
        (this.respond, this.clock) = (respond, clock);
        listener = new TcpListener(address);
        listener.Start();
        Address = (IPEndPoint)listener.LocalEndpoint;
        accepting = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    public async ValueTask DisposeAsync()
    {
        // The loop ends first: a listener that is stopped while the loop comes round again throws at it.
        await stop.CancelAsync().ConfigureAwait(false);
        await accepting.ConfigureAwait(false);
        listener.Stop();
        stop.Dispose();
        room.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                await room.WaitAsync(stop.Token).ConfigureAwait(false);
                var client = await TryAcceptAsync().ConfigureAwait(false);
                serving.RemoveAll(task => task.IsCompleted);
                if (client is not null)
                    serving.Add(Task.Run(() => ServeAsync(client)));
                else
                    room.Release();
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving).ConfigureAwait(false);
        }
    }

    // A connection that breaks before it is taken, or a system without a handle to spare, is no reason to stop.
    private async Task<TcpClient?> TryAcceptAsync()
    {
        try
        {
            return await listener.AcceptTcpClientAsync(stop.Token).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            await Task.Delay(AfterFailure, clock, stop.Token).ConfigureAwait(false);
            return null;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var exchange = new WireExchange("to the kit's server");
                var stream = new RecordingStream(client.GetStream(), exchange);
                await using (stream.ConfigureAwait(false))
                {
                    if (await ReadAsync(stream, exchange).ConfigureAwait(false) is { } request)
                        await AnswerAsync(stream, respond(request)).ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // The run is over, the other side has gone or is too slow, or it sent what nobody can read: its connection ends, not the run.
            }
            finally
            {
                room.Release();
            }
        }
    }

    private async Task AnswerAsync(RecordingStream stream, WireAnswer answer)
    {
        if (answer == WireAnswer.Silence)
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop.Token).ConfigureAwait(false);
        if (answer == WireAnswer.Endless)
            await PourAsync(stream).ConfigureAwait(false);
        else
            await stream.WriteAsync(answer.ToBytes(clock.GetUtcNow()), stop.Token).ConfigureAwait(false);
    }

    private async Task PourAsync(RecordingStream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/xrds+xml\r\nConnection: close\r\n\r\n<XRDS>"u8.ToArray(), stop.Token).ConfigureAwait(false);
        var filler = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
        while (true)
            await stream.WriteAsync(filler, stop.Token).ConfigureAwait(false);
    }

    private async Task<WireRequest?> ReadAsync(RecordingStream stream, WireExchange exchange)
    {
        using var deadline = new CancellationTokenSource(Slowest, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop.Token);
        var read = new List<byte>();
        if (await ReadUntilAsync(stream, read, bytes => HeadLength(bytes), both.Token).ConfigureAwait(false) is not { } head)
            return null;
        var lines = Encoding.Latin1.GetString([.. read[..head]]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[0].Split(' ') is not [var method, var target, _])
            return null;
        List<KeyValuePair<string, string>> headers =
            [.. lines[1..].Select(l => l.Split(':', 2)).Where(l => l.Length == 2).Select(l => new KeyValuePair<string, string>(l[0], l[1].Trim()))];
        string Header(string name) => headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";
        if (Header("Expect").Equals("100-continue", StringComparison.OrdinalIgnoreCase))
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), both.Token).ConfigureAwait(false);

        var isChunked = Header("Transfer-Encoding").Equals("chunked", StringComparison.OrdinalIgnoreCase);
        var length = int.TryParse(Header("Content-Length"), System.Globalization.CultureInfo.InvariantCulture, out var said) && said >= 0 ? said : 0;
        if (length > MaxRequest)
            return null;
        var end = await ReadUntilAsync(
            stream, read, bytes => isChunked ? ChunkedBody.Length(bytes, head) : bytes.Count >= head + length ? head + length : null, both.Token).ConfigureAwait(false);
        if (end is null)
            return null;
        byte[] body = [.. read[head..end.Value]];
        return new WireRequest(exchange, method, target, headers, isChunked ? ChunkedBody.Decode(body) : body);
    }

    private static async Task<int?> ReadUntilAsync(RecordingStream stream, List<byte> read, Func<List<byte>, int?> findEnd, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            if (findEnd(read) is { } end)
                return end;
            var count = read.Count > MaxRequest ? 0 : await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return null;
            read.AddRange(buffer.AsSpan(0, count));
        }
    }

    private static int? HeadLength(List<byte> bytes)
    {
        var at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes).IndexOf("\r\n\r\n"u8);
        return at < 0 ? null : at + 4;
    }
}
