using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Remote;

namespace Microblog.Tests.Remote;

public sealed class AddressGuardTests
{
    // From the IANA IPv4 and IPv6 special-purpose address registries and the multicast blocks.
    public static readonly TheoryData<string> Closed =
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "255.255.255.255/32",
        "::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48",
        "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ];

    private static readonly AddressGuard Strict = new(allowLoopback: false, allowPrivate: false);

    [Theory]
    [MemberData(nameof(Closed))]
    [Trait("Clause", "OMB-105")]
    public void Every_address_of_a_special_range_is_refused(string range)
    {
        var network = IPNetwork.Parse(range);
        Assert.False(Strict.Allows(network.BaseAddress));
        Assert.False(Strict.Allows(Within(network, Enumerable.Repeat((byte)0xFF, 16).ToArray())));
        Prop.ForAll(Bytes16().ToArbitrary(), host => !Strict.Allows(Within(network, host))).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("1.1.1.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2003::1")]
    public void Public_addresses_are_allowed(string address) => Assert.True(Strict.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", true, false)]
    [InlineData("127.255.0.9", true, false)]
    [InlineData("::1", true, false)]
    [InlineData("10.1.2.3", false, true)]
    [InlineData("172.31.0.1", false, true)]
    [InlineData("192.168.1.1", false, true)]
    [InlineData("100.64.0.1", false, true)]
    [InlineData("fd00::1", false, true)]
    [InlineData("169.254.169.254", false, false)]
    [InlineData("fe80::1", false, false)]
    [InlineData("::ffff:127.0.0.1", false, false)]
    [InlineData("::ffff:10.0.0.1", false, false)]
    [InlineData("0.0.0.0", false, false)]
    public void Each_option_opens_its_own_ranges_and_no_more(string address, bool byLoopback, bool byPrivate)
    {
        Assert.Equal(byLoopback, new AddressGuard(allowLoopback: true, allowPrivate: false).Allows(IPAddress.Parse(address)));
        Assert.Equal(byPrivate, new AddressGuard(allowLoopback: false, allowPrivate: true).Allows(IPAddress.Parse(address)));
    }

    [Fact]
    public void An_address_bound_to_an_interface_is_refused()
    {
        var address = new IPAddress(IPAddress.Parse("2606:4700::1").GetAddressBytes(), 2);
        Assert.False(Strict.Allows(address));
    }

    private static Gen<byte[]> Bytes16() => Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(16);

    private static IPAddress Within(IPNetwork network, byte[] host)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] |= (byte)(host[bit / 8] & (0x80 >> (bit % 8)));
        return new IPAddress(bytes);
    }
}
