using System.Net;
using System.Text;
using Microblog.Federation;

namespace Microblog.Testing.Tests;

public sealed class PeerTests
{
    [Fact]
    public async Task A_peer_sees_what_a_node_asks_as_it_was_sent_and_the_node_what_the_peer_answers()
    {
        await using var network = new SimulatedNetwork();
        var asked = new List<HttpRequestMessage>();
        network.AddPeer("https://peer.example/", request =>
        {
            asked.Add(request);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>nothing to discover</html>", Encoding.UTF8, "text/html") };
        });
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        var result = await ann.Node.CallAsync(node => node.SubscribeAsync(ann.Profile.Id, "https://peer.example/zoe"));
        Assert.IsType<SubscribeResult.Refused>(result);
        Assert.Equal("/zoe", asked[0].RequestUri!.AbsolutePath);
        Assert.Contains("xrds", asked[0].Headers.Accept.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_is_a_proxy_when_it_asks_another_site_first()
    {
        await using var network = new SimulatedNetwork();
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        SimulatedPeer? proxy = null;
        proxy = network.AddPeer("https://proxy.example/", async request =>
            await proxy!.Client.GetAsync(new Uri(ann.Node.BaseUri, request.RequestUri!.PathAndQuery)));
        await ann.Browser.GetAsync(new Uri("https://proxy.example/ann"));
        Assert.Equal(200, ann.Browser.Status);
        Assert.Contains("<title>ann", ann.Browser.Text, StringComparison.Ordinal);
        Assert.Equal(["ann@a.example", "proxy.example"], network.Transcript.Exchanges.Select(exchange => exchange.From));
    }

    [Fact]
    public async Task What_a_peer_throws_ends_the_run()
    {
        await using var network = new SimulatedNetwork();
        network.AddPeer("https://peer.example/", HttpResponseMessage (request) => throw new NotSupportedException("the script is wrong"));
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => ann.Browser.GetAsync(new Uri("https://peer.example/")));
        Assert.Equal("the script is wrong", failure.Message);
    }
}
