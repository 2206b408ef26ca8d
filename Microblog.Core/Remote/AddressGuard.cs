using System.Net;
using System.Net.Sockets;

namespace Microblog.Remote;

/// <summary>Tells which addresses strangers may send us to: the public internet and what the operator has opened.</summary>
/// <remarks>From the IANA special-purpose address registries (RFC 6890 and its updates). Of IPv6 only global unicast, 2000::/3,
/// is public at all, which excludes mapped (::ffff:0:0/96) and translated (64:ff9b::/96, 64:ff9b:1::/48) IPv4, unique-local,
/// link-local and multicast without naming them: an address that hides another address is never dialled.</remarks>
internal sealed class AddressGuard(bool allowLoopback, bool allowPrivate)
{
    private static readonly IPNetwork[] Loopback = Parse("127.0.0.0/8", "::1/128");

    private static readonly IPNetwork[] Private = Parse("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NeverPublic = Parse(
        "0.0.0.0/8",          // "this network"; 0.0.0.0 reaches this machine
        "10.0.0.0/8",
        "100.64.0.0/10",      // carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",     // link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",       // protocol assignments, DS-Lite, NAT64 discovery
        "192.0.2.0/24",       // documentation
        "192.88.99.0/24",     // 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",      // benchmarks
        "198.51.100.0/24",    // documentation
        "203.0.113.0/24",     // documentation
        "224.0.0.0/4",        // multicast
        "240.0.0.0/4",        // reserved, broadcast
        "2001::/23",          // protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",      // documentation
        "2002::/16",          // 6to4
        "3fff::/20");         // documentation

    /// <summary>Whether the address may be dialled.</summary>
    public bool Allows(IPAddress address)
    {
        // A scope names an interface of this machine, which no stranger has any business to do. Mapped addresses are sorted
        // out by hand: IPNetwork.Contains in .NET 10 finds ::ffff:10.0.0.1 in 2000::/3.
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && (address.ScopeId != 0 || address.IsIPv4MappedToIPv6))
            return false;

        if (IsIn(Loopback, address))
            return allowLoopback;
        if (IsIn(Private, address))
            return allowPrivate;
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(address))
            return false;
        return !IsIn(NeverPublic, address);
    }

    private static bool IsIn(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private static IPNetwork[] Parse(params string[] networks) => Array.ConvertAll(networks, n => IPNetwork.Parse(n));
}
