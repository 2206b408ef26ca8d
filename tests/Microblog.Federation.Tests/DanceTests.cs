using System.Net;
using Microblog.Omb;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public async Task A_host_begins_a_subscription_from_a_page_of_its_own()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var bob = await here.JoinAsync("bob");
        var subscribing = there.Services.GetRequiredService<OmbSubscribing>();

        Assert.Contains("not an address", (await subscribing.BeginAsync(alice.Id, "no address at all")).Problem, StringComparison.Ordinal);
        var visitor = (await subscribing.BeginAsync(alice.Id, bob.Url)).Value;

        using var browser = new Browser("bob");
        browser.Keep(there.BaseUri, visitor.SetCookie);
        await browser.OpenAsync(new Uri(visitor.Url));
        await browser.SubmitAsync(("decision", "allow"));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await there.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "Heard" });
        await Eventually.Async(() => here.HomeAsync(bob), home => home is ["Heard"]);
    }
}
