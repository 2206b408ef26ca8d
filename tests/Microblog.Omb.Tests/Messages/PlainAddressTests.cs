using Microblog.Omb.Messages;

namespace Microblog.Omb.Tests.Messages;

public sealed class PlainAddressTests
{
    [Theory]
    [InlineData("https://alice.example/?a=1&b=2", "https://alice.example/?a=1&b=2")]
    [InlineData("https://alice.example/~a/b;c=1,2:3@4/%41%2f?q=%3A+x#top", "https://alice.example/~a/b;c=1,2:3@4/A%2f?q=%3A+x#top")]
    [InlineData("http://10.0.0.1:8080/", "http://10.0.0.1:8080/")]
    [InlineData("HTTPS://Alice.Example", "https://alice.example/")]
    [InlineData("https://alice.example/?to=https://b.example/x?a@b$c,d;e#/f?g", "https://alice.example/?to=https%3A%2F%2Fb.example%2Fx%3Fa%40b%24c%2Cd%3Be#%2Ff%3Fg")]
    [InlineData("https://alice.example/[x]|^?[y]", "https://alice.example/%5Bx%5D%7C%5E?%5By%5D")]
    [InlineData("https://bücher.example/straße?ö", "https://xn--bcher-kva.example/stra%C3%9Fe?%C3%B6")]
    [Trait("Quirk", "Q21")]
    public void What_strict_validators_refuse_is_escaped_and_nothing_else_changed(string address, string plain) => Assert.Equal(plain, PlainAddress.Of(address));

    [Theory]
    [InlineData("")]
    [InlineData("http://[2001:db8::1]/")]
    [InlineData("https://al_ice.example/")]
    [InlineData("https://alice.xn--p1ai/")]
    [InlineData("https://пример.рф/")]
    [Trait("Quirk", "Q21")]
    public void An_address_that_cannot_be_written_plainly_is_left_out(string address) => Assert.Equal("", PlainAddress.Of(address));

    [Fact]
    [Trait("Quirk", "Q21")]
    [Trait("Quirk", "Q34")]
    public void An_address_is_no_longer_than_their_columns()
    {
        var longest = "https://alice.example/" + new string('a', 255 - "https://alice.example/".Length);
        Assert.Equal(longest, PlainAddress.Of(longest));
        Assert.Equal("", PlainAddress.Of(longest + "a"));
    }
}
