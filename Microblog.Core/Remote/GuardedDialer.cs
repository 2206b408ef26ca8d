using System.Net;
using System.Net.Sockets;

namespace Microblog.Remote;

/// <summary>Finds the addresses of a host name.</summary>
internal delegate ValueTask<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>Opens connections: looks the name up once, drops the forbidden addresses and dials the very address it checked.</summary>
/// <remarks>Checking first and connecting by name would ask DNS twice, and the second answer may differ.</remarks>
internal sealed class GuardedDialer(AddressGuard guard, ResolveHost resolve, TimeProvider clock)
{
    /// <summary>A name may have any number of addresses; so many are tried.</summary>
    private const int MaxAddresses = 6;

    /// <summary>One dead address of several must not use up the time of the request.</summary>
    private static readonly TimeSpan PerAddress = TimeSpan.FromSeconds(5);

    public static async ValueTask<IPAddress[]> ResolveByDnsAsync(string host, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);

    /// <exception cref="DialException">No connection; says why.</exception>
    public async ValueTask<Stream> DialAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var found = await FindAsync(target.Host, cancellationToken).ConfigureAwait(false);
        var allowed = found.Where(guard.Allows).Take(MaxAddresses).ToArray();
        if (allowed.Length == 0)
            throw new DialException(RemoteFailure.ForbiddenAddress, $"{target.Host} leads only to addresses that this node may not contact");

        SocketError lastError = default;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var limit = new CancellationTokenSource(PerAddress, clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                await socket.ConnectAsync(new IPEndPoint(address, target.Port), both.Token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                lastError = e.SocketErrorCode;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                lastError = SocketError.TimedOut;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new DialException(RemoteFailure.ConnectionFailed, $"{target.Host} does not answer on port {target.Port} ({lastError})");
    }

    private async ValueTask<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];

        try
        {
            var found = await resolve(host, cancellationToken).ConfigureAwait(false);
            if (found.Length > 0)
                return found;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // ArgumentException: a name longer than DNS can carry.
        }

        throw new DialException(RemoteFailure.NameNotFound, $"the name {host} has no address");
    }
}

/// <summary>Carries the reason out of the HTTP handler, which wraps what its connect callback throws.</summary>
internal sealed class DialException(RemoteFailure reason, string message) : IOException(message)
{
    public RemoteFailure Reason { get; } = reason;
}
