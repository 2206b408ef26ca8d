using System.Net;
using Microblog.Storage;

namespace Microblog.Federation.Tests;

public sealed class DanceTests
{
    [Fact]
    public async Task A_person_here_subscribes_to_somebody_there_and_hears_the_next_notice()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var bob = await here.JoinAsync("bob");

        using var browser = new Browser("bob");
        await browser.OpenAsync(new Uri(there.BaseUri, "alice/subscribe"));
        await browser.SubmitAsync(("profile", bob.Url));
        Assert.Contains("/omb/authorize", browser.Location.AbsolutePath, StringComparison.Ordinal);
        await browser.SubmitAsync(("decision", "allow"));
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "Hello, bob + 100% & you = 🙂" });
        var heard = await Eventually.Async(() => here.HomeAsync(bob), home => home.Count > 0);
        Assert.Equal(["Hello, bob + 100% & you = 🙂"], heard);
    }
}
