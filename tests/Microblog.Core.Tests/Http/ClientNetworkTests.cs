using System.Buffers.Binary;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Http;

namespace Microblog.Tests.Http;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%7", "fe80::/64")]
    [InlineData("::1", "::/64")]
    public void A_sender_is_an_IPv4_address_or_a_slash_64(string address, string expected) =>
        Assert.Equal(expected, ClientNetwork.Of(IPAddress.Parse(address)));

    [Fact]
    public void Senders_whose_address_is_not_known_are_one() => Assert.Equal("", ClientNetwork.Of(null));

    [Fact]
    public void Two_IPv6_addresses_are_one_sender_exactly_when_their_first_64_bits_are_the_same()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(ulong, ulong)>(), halves =>
        {
            // Two bits more, so that no one bit makes it the network of the IPv4 addresses.
            var (network, host) = (halves.Item1 | 3UL << 60, halves.Item2);
            var sender = ClientNetwork.Of(Address(network, host));
            return Enumerable.Range(0, 64).Select(at => 1UL << at).All(bit =>
                sender == ClientNetwork.Of(Address(network, host ^ bit)) && sender != ClientNetwork.Of(Address(network ^ bit, host)));
        }).Check(Config.QuickThrowOnFailure);

        static IPAddress Address(ulong network, ulong host)
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, network);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), host);
            return new IPAddress(bytes);
        }
    }
}
