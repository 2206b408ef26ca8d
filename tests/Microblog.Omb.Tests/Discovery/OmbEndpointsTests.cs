using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

public sealed class OmbEndpointsTests
{
    [Fact]
    public void Paths_and_the_case_of_the_host_do_not_matter()
    {
        Assert.True(Samples.Dora.HasSameHosts(Samples.Dora with { PostNotice = "https://BETA.example.net/other?x=1", Identifier = "tag:x,2009:y" }));
        Assert.True(Samples.Dora.HasSameHosts(Samples.Dora with { PostNotice = "https://beta.example.net:443/" }));
    }

    [Theory]
    [InlineData("https://mallory.example/")]
    [InlineData("https://beta.example.net:8443/")]
    [InlineData("https://beta.example.net@mallory.example/")]
    [InlineData("http://beta.example.net/")]
    [InlineData("")]
    public void One_endpoint_of_another_host_or_port_makes_the_difference(string address)
    {
        Assert.False(Samples.Dora.HasSameHosts(Samples.Dora with { RequestToken = address }));
        Assert.False(Samples.Dora.HasSameHosts(Samples.Dora with { Authorize = address }));
        Assert.False(Samples.Dora.HasSameHosts(Samples.Dora with { AccessToken = address }));
        Assert.False(Samples.Dora.HasSameHosts(Samples.Dora with { PostNotice = address }));
        Assert.False(Samples.Dora.HasSameHosts(Samples.Dora with { UpdateProfile = address }));
    }

    [Fact]
    public void Hosts_are_compared_place_by_place()
    {
        var mixed = Samples.Dora with { RequestToken = "https://one.example/", Authorize = "https://two.example/" };
        Assert.False(mixed.HasSameHosts(mixed with { RequestToken = mixed.Authorize, Authorize = mixed.RequestToken }));
    }
}
