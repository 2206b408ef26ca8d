using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Microblog.TestServers;

/// <summary>Ports for servers that cannot be told to take any.</summary>
public static class FreePort
{
    /// <summary>A loopback port that nobody listens on, from below those that the system gives to connections, which come and go between
    /// the look and the use.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(12_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
