using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microblog.Load.Servers;

namespace Microblog.Load.Ingest;

/// <summary>What a run gave.</summary>
/// <param name="PerSecond">Answers per second.</param>
/// <param name="ProcessorTime">What one answer cost the server, in microseconds of its processor time.</param>
internal sealed record LoadResult(double PerSecond, double ProcessorTime)
{
    public override string ToString() => $"{PerSecond:N0} a second ({ProcessorTime:F0} µs of the processor each)";
}

/// <summary>Sends requests as fast as they are answered, one at a time on each of several connections, which go round the servers.</summary>
internal static class LoadGenerator
{
    /// <exception cref="InvalidOperationException">An answer was not what was expected.</exception>
    public static async Task<LoadResult> RunAsync(
        IReadOnlyList<ServerProcess> servers, byte[][] requests, int connections, TimeSpan duration, CancellationToken cancellationToken, int status = 200)
    {
        var expected = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}");
        var next = -1;
        var answered = 0;
        var spent = ProcessorTime(servers);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(number => Task.Run(() => SendAsync(servers[number % servers.Count].Address), cancellationToken)));
        return new LoadResult(answered / watch.Elapsed.TotalSeconds, (ProcessorTime(servers) - spent).TotalMicroseconds / answered);

        async Task SendAsync(Uri address)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port), cancellationToken);
            var buffer = new byte[512 * 1024];
            while (watch.Elapsed < duration && Interlocked.Increment(ref next) is var i && i < requests.Length)
            {
                await socket.SendAsync(requests[i], cancellationToken);
                await ReceiveAsync(socket, buffer, expected, cancellationToken);
                Interlocked.Increment(ref answered);
            }
        }
    }

    private static TimeSpan ProcessorTime(IReadOnlyList<ServerProcess> servers) =>
        servers.Aggregate(TimeSpan.Zero, (sum, server) => sum + server.ProcessorTime);

    private static async ValueTask ReceiveAsync(Socket socket, byte[] buffer, byte[] expected, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += received;
            var answer = buffer.AsSpan(0, length);
            if (received == 0 || !answer.StartsWith(expected.AsSpan(..Math.Min(12, length))))
                throw new InvalidOperationException($"The server answered: {Encoding.UTF8.GetString(answer)}");
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head >= 0 && length >= head + 4 + ContentLength(answer[..head]))
                return;
        }
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        // An answer that says that nothing has changed has no body.
        if (head.IndexOf(name) is var at && at < 0)
            return 0;
        var value = head[(at + name.Length)..];
        var end = value.IndexOf((byte)'\r');
        return int.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }
}
