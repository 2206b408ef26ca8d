using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>A bare HTTP server on a socket: one request per connection, answered by a function.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<ForeignRequest, ForeignAnswer> respond;
    private readonly Func<DateTimeOffset> clock;
    private readonly Task accepting;

    public ForeignServer(Func<ForeignRequest, ForeignAnswer> respond, Func<DateTimeOffset> clock)
    {
        (this.respond, this.clock) = (respond, clock);
        listener.Start();
        Origin = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        accepting = AcceptAsync();
    }

    public string Origin { get; }

    public async ValueTask DisposeAsync()
    {
        // The loop ends first: a listener that is stopped while the loop comes round again throws at it.
        await stop.CancelAsync();
        await accepting;
        listener.Stop();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        // Not on the accepting loop's thread: an answer may block.
        await Task.Yield();
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request)
                    return;
                var answer = respond(request);
                if (answer == ForeignAnswer.Hang)
                    await Task.Delay(Timeout.Infinite, stop.Token);
                if (answer != ForeignAnswer.Drop)
                    await stream.WriteAsync(answer.ToBytes(clock()), stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the other side has gone.
            }
        }
    }

    private async Task<ForeignRequest?> ReadAsync(NetworkStream stream)
    {
        var read = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var end = Encoding.Latin1.GetString([.. read]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var lines = Encoding.Latin1.GetString([.. read[..end]]).Split("\r\n");
                var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
                var length = headers.TryGetValue("Content-Length", out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 0;
                if (read.Count >= end + 4 + length)
                {
                    var first = lines[0].Split(' ');
                    return new ForeignRequest(first[0], first[1], headers, [.. read[(end + 4)..(end + 4 + length)]]);
                }
            }

            var count = await stream.ReadAsync(buffer, stop.Token);
            if (count == 0)
                return null;
            read.AddRange(buffer.AsSpan(0, count));
        }
    }
}
