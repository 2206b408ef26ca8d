using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Microblog.AspNetCore.Tests;

/// <summary>Writes bytes to a socket and reads what comes back, for requests that no client library would send.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends text and reads until the server closes. The request has to ask for that.</summary>
    public static async Task<string> SendAsync(int port, string request)
    {
        using var socket = await ConnectAsync(port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request));
        return await ReadToEndAsync(socket);
    }

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var time = new CancellationTokenSource(Patience);
        var text = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer, time.Token) is var read and > 0)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset after the answer: we were still sending.
        }

        return text.ToString();
    }
}
