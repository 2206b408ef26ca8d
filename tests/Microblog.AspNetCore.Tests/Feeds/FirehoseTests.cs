using System.Globalization;
using System.Net;
using System.Text.Json;
using Microblog.AspNetCore.Tests.Live;
using Microblog.Moderation;
using Microblog.Storage;
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
    public async Task A_change_is_told_as_the_feed_says_it_now_and_a_deletion_by_id_and_address_alone()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        var (first, second) = (await node.PublishAsync(alice, "helo"), await node.PublishAsync(alice, "regretted"));
        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        Assert.Equal("helo", await NextAsync(stream));
        Assert.Equal("regretted", await NextAsync(stream));

        await EditAsync(node, first, "hello #cats");
        var (name, data) = (await stream.NextAsync())!.Value;
        Assert.Equal("update", name);
        using (var feed = JsonDocument.Parse(await node.ReadAsync("/feed.json")))
            Assert.Equal(feed.RootElement.GetProperty("items")[1].GetRawText(), data);

        Assert.True(await node.Node.DeleteAsync(alice.Id, second.Id));
        Assert.Equal(("delete", $$"""{"id":"{{second.Uri}}","url":"{{second.Url}}"}"""), (await stream.NextAsync())!.Value);
        using var gone = await node.GetAsync(new Uri(second.Url).AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Who_has_not_come_to_a_notice_yet_is_told_of_it_as_it_is_now_or_never()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        var (first, second) = (await node.PublishAsync(alice, "regretted"), await node.PublishAsync(alice, "helo"));
        await EditAsync(node, second, "hello");
        await node.Node.DeleteAsync(alice.Id, first.Id);
        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        Assert.Equal("hello", await NextAsync(stream));
        await node.PublishAsync(alice, "next");
        Assert.Equal("next", await NextAsync(stream));
    }

    [Fact]
    public async Task Nothing_is_told_of_what_was_not_for_everybody()
    {
        await using var node = await StartAsync();
        var (alice, _) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        foreach (var draft in new[]
        {
            new NoticeDraft { Content = "secret", Visibility = Visibility.Unlisted }, new NoticeDraft { Content = "secret", Visibility = Visibility.Followers },
            new NoticeDraft { Content = "secret @bob", Visibility = Visibility.Direct }, new NoticeDraft { Content = "secret", IsLocalOnly = true },
        })
        {
            var notice = (await node.Node.PublishAsync(alice.Id, draft)).Value;
            Assert.Null((await node.Node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = "more secret @bob" })).Problem);
            Assert.True(await node.Node.DeleteAsync(alice.Id, notice.Id));
        }

        await node.PublishAsync(alice, "public");
        Assert.Equal("public", await NextAsync(stream));
    }

    [Fact]
    public async Task A_repeat_is_deleted_with_what_it_repeats()
    {
        await using var node = await StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(alice, "regretted");
        var repeat = (await node.Node.RepeatAsync(bob.Id, notice.Id)).Value;
        using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
        Assert.Equal("regretted", await NextAsync(stream));
        Assert.Contains("regretted", await NextAsync(stream), StringComparison.Ordinal);

        await node.Services.GetRequiredService<NodeModeration>().DeleteNoticeAsync("operator", notice.Id, "spam");
        foreach (var gone in new[] { notice, repeat })
            Assert.Equal(("delete", $$"""{"id":"{{gone.Uri}}","url":"{{gone.Url}}"}"""), (await stream.NextAsync())!.Value);
    }

    [Fact]
    public async Task Whoever_leaves_takes_all_along_also_over_a_restart_and_nothing_is_told_twice()
    {
        const int Notices = 250;
        var folder = Directory.CreateTempSubdirectory("microblog-firehose-");
        var file = $"Data Source={Path.Combine(folder.FullName, "node.db")}";
        try
        {
            var (told, gone, last) = (new List<string>(), new List<string>(), "");
            await using (var node = await StartAsync(services => services.AddMicroblogCore().UseSqlite(file)))
            {
                var alice = await node.JoinAsync("alice");
                for (var i = 0; i < Notices; i++)
                    told.Add((await node.PublishAsync(alice, $"notice {i}")).Uri.Value);
                using var stream = await EventReader.OpenAsync(node, "/firehose?after=0");
                for (var i = 0; i < Notices; i++)
                    await stream.NextAsync();
                await node.Node.LeaveAsync(alice.Id);
                for (var i = 0; i < 7; i++)
                    gone.Add(await NextGoneAsync(stream));
                last = stream.LastId;
            }

            await using var again = await StartAsync(services => services.AddMicroblogCore().UseSqlite(file));
            using var resumed = await EventReader.OpenAsync(again, "/firehose", lastEventId: last);
            while (gone.Count < Notices)
                gone.Add(await NextGoneAsync(resumed));
            Assert.Equal(told.Order(), gone.Order());
            await again.PublishAsync(await again.JoinAsync("bob"), "alone");
            Assert.Equal("alone", await NextAsync(resumed));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_position_it_begins_with_what_comes_next()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.PublishAsync(alice, "before");
        await node.Node.DeleteAsync(alice.Id, (await node.PublishAsync(alice, "gone before")).Id);
        using var stream = await EventReader.OpenAsync(node, "/firehose");
        await node.PublishAsync(alice, "after");
        Assert.Equal("after", await NextAsync(stream));
    }

    [Fact]
    public async Task Nothing_is_left_out_where_more_is_new_or_changed_than_a_page_holds()
    {
        const int Many = 250;
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        var first = await node.PublishAsync(alice, "first");
        var notices = new List<Notice>();
        for (var i = 0; i < Many; i++)
            notices.Add(await node.PublishAsync(alice, $"notice {i}"));
        await EditAsync(node, first, "changed");
        using var stream = await EventReader.OpenAsync(node, "/firehose", lastEventId: $"{first.Id}");
        for (var i = 0; i < Many; i++)
            Assert.Equal($"notice {i}", await NextAsync(stream));
        Assert.Equal("changed", await NextAsync(stream));

        foreach (var notice in notices)
            await EditAsync(node, notice, $"{notice.Content} changed");
        await node.PublishAsync(alice, "last");
        using var resumed = await EventReader.OpenAsync(node, "/firehose", lastEventId: stream.LastId);
        for (var i = 0; i < Many; i++)
            Assert.Equal($"notice {i} changed", await NextAsync(resumed));
        Assert.Equal("last", await NextAsync(resumed));
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
        await WithTwoProcessesAsync(async (one, other, authors, stream) =>
        {
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
        });
    }

    [PostgresFact]
    public async Task Whatever_several_processes_change_and_delete_at_once_the_reader_ends_with_what_the_public_timeline_shows()
    {
        const int Each = 40;
        await WithTwoProcessesAsync(async (one, other, authors, stream) =>
        {
            var done = Task.WhenAll(authors.Select(async (author, number) =>
            {
                for (var i = 0; i < Each; i++)
                {
                    var (here, there) = (number + i) % 2 == 0 ? (one, other) : (other, one);
                    var notice = await here.PublishAsync(author, $"{number} {i}");
                    if (i % 3 > 0)
                        await EditAsync(there, notice, $"{number} {i} changed");
                    if (i % 4 == 0)
                        Assert.True(await here.Node.DeleteAsync(author.Id, notice.Id));
                }
            }));

            var last = done.ContinueWith(_ => one.PublishAsync(authors[0], "last"), TaskScheduler.Default).Unwrap();

            var mirror = new Dictionary<string, string>();
            while (!mirror.ContainsValue("last"))
            {
                var (name, data) = (await stream.NextAsync())!.Value;
                using var json = JsonDocument.Parse(data);
                var id = json.RootElement.GetProperty("id").GetString()!;
                // What was deleted before the reader came to it may be told all the same, and nothing else.
                if (name != "delete")
                    Assert.Equal(name == "update", mirror.ContainsKey(id));
                if (name == "delete")
                    mirror.Remove(id);
                else
                    mirror[id] = json.RootElement.GetProperty("content_text").GetString()!;
            }

            await last;
            await done;
            var shown = await one.Node.ReadAsync((session, ct) => session.Timelines.PublicAsync(default, PageRequest.Newest(200), ct));
            Assert.Equal(
                shown.Select(entry => (entry.Notice.Uri.Value, entry.Notice.Content)).Order(), mirror.Select(pair => (pair.Key, pair.Value)).Order());
        });
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

    private static async Task<string> NextGoneAsync(EventReader stream)
    {
        var (name, data) = (await stream.NextAsync())!.Value;
        Assert.Equal("delete", name);
        using var json = JsonDocument.Parse(data);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private static async Task EditAsync(TestNode node, Notice notice, string content) =>
        Assert.Null((await node.Node.EditAsync(notice.Author, notice.Id, new NoticeDraft { Content = content })).Problem);

    private static async Task WithTwoProcessesAsync(Func<TestNode, TestNode, Profile[], EventReader, Task> run)
    {
        var database = PostgresServer.Shared.CreateDatabase();
        try
        {
            await using var one = await StartAsync(services => services.AddMicroblogCore().UsePostgres(database));
            await using var other = await StartAsync(services => services.AddMicroblogCore().UsePostgres(database));
            var authors = new[] { await one.JoinAsync("alice"), await one.JoinAsync("bob"), await one.JoinAsync("carol") };
            using var stream = await EventReader.OpenAsync(other, "/firehose?after=0");
            await run(one, other, authors, stream);
        }
        finally
        {
            PostgresServer.Shared.DropDatabase(database);
        }
    }

    private static Task<TestNode> StartAsync(Action<IServiceCollection>? services = null) => TestNode.StartAsync(services: collection =>
    {
        collection.AddSingleton(TimeProvider.System);
        services?.Invoke(collection);
    });
}
