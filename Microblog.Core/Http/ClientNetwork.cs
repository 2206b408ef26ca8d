using System.Net;
using System.Net.Sockets;

namespace Microblog.Http;

/// <summary>By what strangers are counted.</summary>
public static class ClientNetwork
{
    private const int PrefixBytes = 8;

    /// <summary>What one sender cannot change at will: the address itself, or the /64 of an IPv6 address.</summary>
    /// <param name="address">The sender's address; <see langword="null"/> when it is not known.</param>
    /// <returns>A key to count by, such as <c>192.0.2.7</c> or <c>2001:db8:0:1::/64</c>; empty when the address is not known. IPv4 in IPv6 is
    /// IPv4.</returns>
    /// <remarks>One line has a whole /64 of IPv6 addresses at its disposal, so each alone would count for nothing.</remarks>
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
