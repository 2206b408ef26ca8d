using System.Net;
using System.Net.Sockets;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>Stands between a store and its server, and breaks one connection at a COMMIT when it is told to: before the server has heard it, or
/// after it has been done and before the store hears of it.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly int server;
    private int next = (int)Break.None;

    public Relay(int server)
    {
        this.server = server;
        listener.Start();
        _ = AcceptAsync();
    }

    public enum Break
    {
        None,
        BeforeCommit,
        AfterCommit,
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Whether a connection was broken as was asked for.</summary>
    public bool HasBroken => Volatile.Read(ref next) == (int)Break.None;

    public void BreakNext(Break when) => Volatile.Write(ref next, (int)when);

    public void Dispose()
    {
        stopping.Cancel();
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptTcpClientAsync(stopping.Token), stopping.Token);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The test has ended.
        }
    }

    private async Task CarryAsync(TcpClient client, CancellationToken stoppingToken)
    {
        using var one = client;
        using var other = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await other.ConnectAsync(IPAddress.Loopback, server, stoppingToken);
            var (near, far) = (client.GetStream(), other.GetStream());
            var isLast = false;
            await Task.WhenAny(AskAsync(), AnswerAsync());

            async Task AskAsync()
            {
                var buffer = new byte[64 * 1024];
                for (int count; (count = await near.ReadAsync(buffer, stoppingToken)) > 0; await far.WriteAsync(buffer.AsMemory(0, count), stoppingToken))
                {
                    if (buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) < 0)
                        continue;
                    var when = (Break)Interlocked.Exchange(ref next, (int)Break.None);
                    if (when == Break.BeforeCommit)
                        return;
                    isLast = when == Break.AfterCommit;
                }
            }

            async Task AnswerAsync()
            {
                var buffer = new byte[64 * 1024];
                for (int count; (count = await far.ReadAsync(buffer, stoppingToken)) > 0 && !Volatile.Read(ref isLast);)
                    await near.WriteAsync(buffer.AsMemory(0, count), stoppingToken);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone, so the other one goes.
        }
    }
}
