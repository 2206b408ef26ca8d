namespace Microblog.Omb.Tests;

public sealed class ConsumerKeyTests
{
    [Theory]
    [InlineData("https://good.example/", "good.example")]
    [InlineData("http://GOOD.example:8080/x", "good.example:8080")]
    [InlineData("good.example", "good.example")]
    [InlineData("localhost:5000", "localhost:5000")]
    [InlineData("localhost:5000\u200b", "")]
    [InlineData("\u2060localhost", "")]
    [InlineData("localhost (this site)", "")]
    [InlineData("user@good.example", "")]
    [InlineData("good.example/path", "")]
    [InlineData("", "")]
    [Trait("Clause", "OMB-42")]
    public void Only_an_address_or_a_bare_host_names_a_host(string key, string host) => Assert.Equal(host, ConsumerKeys.HostOf(key));
}
