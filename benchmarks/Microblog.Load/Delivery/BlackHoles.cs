using System.Net;
using System.Net.Sockets;
using Microblog.Load.Servers;

namespace Microblog.Load.Delivery;

/// <summary>Services that are black holes: half of them take a connection and never say a word, and half do not even answer the first packet.</summary>
internal sealed class BlackHoles : IDisposable
{
    private const int Network = 3;

    private readonly List<Socket> sockets = [];

    private BlackHoles(IReadOnlyList<string> roots) => Roots = roots;

    public IReadOnlyList<string> Roots { get; }

    public static async Task<BlackHoles> OpenAsync(int count)
    {
        using var probe = new TcpListener(SinkServer.Address(Network, 0), 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var holes = new BlackHoles([.. Enumerable.Range(0, count).Select(number => SinkServer.Root(Network, number, port))]);
        for (var i = 0; i < count; i++)
            await holes.OpenAsync(new IPEndPoint(SinkServer.Address(Network, i), port), isSilent: i % 2 == 0);
        return holes;
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());

    // The system itself accepts until the backlog is full, and from then on drops what comes.
    private async Task OpenAsync(IPEndPoint address, bool isSilent)
    {
        var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(listener);
        listener.Bind(address);
        listener.Listen(isSilent ? 0 : 512);
        while (isSilent)
        {
            var filler = new Socket(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(filler);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            try
            {
                await filler.ConnectAsync(address, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
