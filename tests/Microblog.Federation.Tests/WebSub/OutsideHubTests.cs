using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microblog.Groups;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.Federation.Tests.WebSub;

/// <summary>A hub elsewhere in place of the built-in one.</summary>
public sealed class OutsideHubTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-hub-");
    private readonly ConcurrentQueue<string> pings = new();
    private volatile int status = 204;
    private volatile int refused;
    private WebApplication hub = null!;
    private TestNode node = null!;
    private Profile alice = null!;

    private Uri HubAddress => new(hub.Urls.Single() + "/publish?key=1");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        hub = builder.Build();
        hub.MapPost("/publish", AnswerAsync);
        await hub.StartAsync();
        node = await StartAsync(HubAddress);
        alice = await node.JoinAsync("alice");
        // From now on: what was there before is nothing new.
        await Eventually.Async(() => FindAsync(), found => found);
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        await hub.DisposeAsync();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Feeds_name_it_and_the_node_has_no_hub_of_its_own()
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(node.BaseUri, "alice/feed.json"));
        Assert.Equal($"<{HubAddress}>; rel=\"hub\"", response.Headers.GetValues("Link").First());
        Assert.Equal(HubAddress.AbsoluteUri, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["hubs"]![0]!["url"]);
        using var own = await client.PostAsync(new Uri(node.BaseUri, "websub/hub"), new FormUrlEncodedContent([]));
        Assert.Equal(404, (int)own.StatusCode);
    }

    [Fact]
    public async Task It_is_told_of_every_feed_in_which_something_is_new_and_no_other()
    {
        await node.Node.CreateGroupAsync(alice.Id, "cooks", new GroupDetails { Aliases = ["küche"] });
        await node.JoinAsync("bob");
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret", Visibility = Visibility.Followers });
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello #Café !küche" });
        var expected = Feeds("").Concat(Feeds("alice/")).Concat(Feeds("tag/caf%C3%A9/")).Concat(Feeds("group/cooks/")).ToHashSet();
        await Eventually.Async(() => Task.FromResult(pings.Count), count => count >= expected.Count);
        Assert.Equal(expected, pings.ToHashSet());
    }

    [Fact]
    public async Task It_is_told_of_the_feeds_of_a_notice_that_is_changed()
    {
        var notice = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "helo #Café" })).Value;
        var secret = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret #x", Visibility = Visibility.Followers })).Value;
        var first = Feeds("").Concat(Feeds("alice/")).Concat(Feeds("tag/caf%C3%A9/")).Order().ToList();
        await Eventually.Async(() => Task.FromResult(pings.Count), count => count >= first.Count);
        Assert.Equal(first, pings.Order());
        pings.Clear();

        foreach (var changed in new[] { secret, notice })
            Assert.Null((await node.Node.EditAsync(alice.Id, changed.Id, new NoticeDraft { Content = "hello #y" })).Problem);
        var expected = Feeds("").Concat(Feeds("alice/")).Concat(Feeds("tag/y/")).Order().ToList();
        await Eventually.Async(() => Task.FromResult(pings.Count), count => count >= expected.Count);
        Assert.Equal(expected, pings.Order());
    }

    [Fact]
    public async Task While_it_is_down_news_gather_and_then_each_feed_is_told_once()
    {
        status = 503;
        for (var i = 0; i < 20; i++)
            await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = $"notice {i}" });
        await Eventually.Async(() => Task.FromResult(refused), count => count >= 2);
        var lane = Assert.Single(await node.Node.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(9, ct)));
        Assert.Equal(("websub", new Uri(hub.Urls.Single()).Authority), (lane.Lane.Protocol, lane.Lane.Destination));
        status = 200;
        await Eventually.Async(() => Task.FromResult(pings.Count), count => count >= 6);
        await Eventually.Async(async () => (await node.Node.ReadAsync((session, ct) => session.Deliveries.MeasureAsync(ct))).Lanes, lanes => lanes == 0);
        Assert.Equal(Feeds("").Concat(Feeds("alice/")).Order(), pings.Order());
    }

    [Fact]
    public async Task What_was_written_while_the_node_stood_still_is_told_after_the_start()
    {
        status = 503;
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello" });
        await Eventually.Async(() => Task.FromResult(refused), count => count >= 1);
        var address = node.BaseUri;
        await node.DisposeAsync();
        status = 200;
        node = await StartAsync(HubAddress, address);
        await Eventually.Async(() => Task.FromResult(pings.Count), count => count >= 6);
    }

    [Fact]
    public async Task A_former_hub_is_told_nothing_more()
    {
        var address = node.BaseUri;
        await node.DisposeAsync();
        node = await StartAsync(null, address);
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello" });
        await Eventually.Async(() => FindAsync(), found => !found);
        Assert.Empty(pings);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        context.Response.StatusCode = status;
        if (status >= 300)
            Interlocked.Increment(ref refused);
        else
            pings.Enqueue(form["hub.mode"] == "publish" && context.Request.Query["key"] == "1" ? form["hub.url"].ToString() : "?");
    }

    private IEnumerable<string> Feeds(string list) => new[] { "atom", "rss", "json" }.Select(format => $"{node.BaseUri}{list}feed.{format}");

    private async Task<bool> FindAsync() => await node.Node.ReadAsync((session, ct) => session.Hub.ListOfListsAsync(null, 9, ct)) is [_, ..];

    private async Task<TestNode> StartAsync(Uri? outside, Uri? address = null) => await TestNode.StartAsync(
        microblog => microblog.UseSqlite($"Data Source={Path.Combine(directory.FullName, "notes.db")}").AddWebSub(o => o.Hub = outside),
        address: address);
}
