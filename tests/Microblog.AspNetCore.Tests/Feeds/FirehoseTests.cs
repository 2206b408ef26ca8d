using System.Globalization;
using System.Net;
using System.Text.Json;
using Microblog.AspNetCore.Tests.Live;
using Microblog.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microblog.AspNetCore.Tests.Feeds;

/// <summary>Over real sockets, by real time.</summary>
public sealed class FirehoseTests
{
    [Fact]
    public async Task Every_public_notice_comes_once_and_in_order_from_the_first_one_on()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        // More than one page of them.
        for (var i = 0; i < 250; i++)
        {
            await node.PublishAsync(alice, $"notice {i}");
            await node.PublishAsync(alice, $"secret {i}", i % 2 == 0 ? Visibility.Followers : Visibility.Unlisted);
        }

        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.MediaType);
        for (var i = 0; i < 250; i++)
            Assert.Equal($"notice {i}", await NextAsync(stream));
        await node.PublishAsync(alice, "and what comes now");
        Assert.Equal("and what comes now", await NextAsync(stream));
    }

    [Fact]
    public async Task An_event_says_what_the_feed_says()
    {
        await using var node = await StartAsync();
        await node.PublishAsync(await node.JoinAsync("alice"), "hello\r\n<b> #tag");
        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        var (name, data) = (await stream.NextAsync())!.Value;
        Assert.Equal("notice", name);
        using var feed = JsonDocument.Parse(await node.ReadAsync("/feed.json"));
        Assert.Equal(feed.RootElement.GetProperty("items")[0].GetRawText(), data);
    }

    [Fact]
    public async Task Without_a_position_it_begins_with_what_comes_next()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.PublishAsync(alice, "before");
        using var stream = await EventReader.OpenAsync(node, "/firehose");
        await node.PublishAsync(alice, "after");
        Assert.Equal("after", await NextAsync(stream));
    }

    [Fact]
    public async Task A_restart_leaves_no_gap_and_nothing_comes_twice()
    {
        var folder = Directory.CreateTempSubdirectory("microblog-firehose-");
        var file = $"Data Source={Path.Combine(folder.FullName, "node.db")}";
        try
        {
            string last;
            await using (var node = await StartAsync(services => services.AddMicroblogCore().UseSqlite(file)))
            {
                var alice = await node.JoinAsync("alice");
                for (var i = 0; i < 3; i++)
                    await node.PublishAsync(alice, $"notice {i}");
                using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
                Assert.Equal("notice 0", await NextAsync(stream));
                Assert.Equal("notice 1", await NextAsync(stream));
                last = stream.LastId;
            }

            await using var again = await StartAsync(services => services.AddMicroblogCore().UseSqlite(file));
            await again.PublishAsync((await again.Node.FindLocalAsync("alice"))!, "notice 3");
            using var resumed = await EventReader.OpenAsync(again, "/firehose?after=0", lastEventId: last);
            Assert.Equal("notice 2", await NextAsync(resumed));
            Assert.Equal("notice 3", await NextAsync(resumed));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [PostgresFact]
    public async Task What_several_processes_publish_at_once_comes_complete_and_in_order()
    {
        const int Each = 60;
        var database = PostgresServer.Shared.CreateDatabase();
        try
        {
            await using var one = await StartAsync(services => services.AddMicroblogCore().UsePostgres(database));
            await using var other = await StartAsync(services => services.AddMicroblogCore().UsePostgres(database));
            var authors = new[] { await one.JoinAsync("alice"), await one.JoinAsync("bob"), await one.JoinAsync("carol") };
            using var stream = await EventReader.OpenAsync(other, "/firehose?after=0");
            var published = Task.WhenAll(authors.Select(async (author, number) =>
            {
                for (var i = 0; i < Each; i++)
                    await (number % 2 == 0 ? one : other).PublishAsync(author, $"{number} {i}");
            }));

            var (texts, ids) = (new List<string>(), new List<long>());
            while (texts.Count < authors.Length * Each)
            {
                texts.Add(await NextAsync(stream));
                ids.Add(long.Parse(stream.LastId, CultureInfo.InvariantCulture));
            }

            await published;
            Assert.Equal(ids.Order(), ids);
            for (var number = 0; number < authors.Length; number++)
                Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{number} {i}"), texts.Where(text => text.StartsWith($"{number} ", StringComparison.Ordinal)));
        }
        finally
        {
            PostgresServer.Shared.DropDatabase(database);
        }
    }

    [Fact]
    public async Task One_network_has_four_and_gets_a_place_back_when_it_closes_one()
    {
        await using var node = await StartAsync();
        var streams = new List<EventReader>();
        // Headers come before a stream is counted; its first event is there after it.
        await node.PublishAsync(await node.JoinAsync("alice"), "hello");
        for (var i = 0; i < 4; i++)
        {
            streams.Add(await EventReader.OpenAsync(node, "/firehose?after=0"));
            await streams[^1].NextAsync();
        }

        using (var fifth = await EventReader.OpenAsync(node, "/firehose"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, fifth.Status);
            Assert.Equal(TimeSpan.FromSeconds(60), fifth.Response.Headers.RetryAfter!.Delta);
        }

        streams[0].Dispose();
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var next = await EventReader.OpenAsync(node, "/firehose");
            if (next.Status == HttpStatusCode.OK)
                break;
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "The place was never given back.");
            await Task.Delay(5);
        }

        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task A_node_that_is_full_says_so()
    {
        await using var node = await StartAsync(services => services.Configure<MicroblogOptions>(options => options.Live.MaxFirehoses = 1));
        await node.PublishAsync(await node.JoinAsync("alice"), "hello");
        using var first = await EventReader.OpenAsync(node, "/firehose?after=0");
        await first.NextAsync();
        using var second = await EventReader.OpenAsync(node, "/firehose");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (first.Status, second.Status));
    }

    [Fact]
    public async Task A_host_that_stops_ends_the_streams()
    {
        await using var node = await StartAsync();
        using var stream = await EventReader.OpenAsync(node, "/firehose");
        await node.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>().Aggregate(
            Task.CompletedTask, (before, service) => before.ContinueWith(_ => service.StoppingAsync(default), TaskScheduler.Default).Unwrap());
        Assert.Null(await stream.NextAsync());
    }

    private static async Task<string> NextAsync(EventReader stream)
    {
        var (_, data) = (await stream.NextAsync())!.Value;
        using var json = JsonDocument.Parse(data);
        return json.RootElement.GetProperty("content_text").GetString()!;
    }

    private static Task<TestNode> StartAsync(Action<IServiceCollection>? services = null) => TestNode.StartAsync(services: collection =>
    {
        collection.AddSingleton(TimeProvider.System);
        services?.Invoke(collection);
    });
}
