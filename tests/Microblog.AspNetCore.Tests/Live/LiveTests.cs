using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microblog.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microblog.AspNetCore.Tests.Live;

/// <summary>Streams over real sockets.</summary>
public sealed partial class LiveTests
{
    [Fact]
    public async Task A_notice_comes_to_an_open_page_as_the_page_would_show_it()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        using var stream = await EventReader.OpenAsync(node, "/live/public");
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.MediaType);
        Assert.True(stream.Response.Headers.CacheControl!.NoStore);
        Assert.Equal(["no"], stream.Response.Headers.GetValues("X-Accel-Buffering"));

        var notice = await node.PublishAsync(alice, "5 < 7\r\nand\u2028<script>alert(1)</script>");

        var (name, data) = (await stream.NextAsync())!.Value;
        Assert.Equal("notice", name);
        using var json = JsonDocument.Parse(data);
        Assert.Equal(notice.Id.ToString(), json.RootElement.GetProperty("id").GetString());
        var html = json.RootElement.GetProperty("html").GetString()!;
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains(html, await node.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_says_where_its_stream_goes_on_so_that_nothing_is_missed_between_the_two()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails());
        var first = await node.PublishAsync(alice, "before #tag");
        string[] pages = ["/", "/home", "/tag/tag", "/group/cats", $"/conversation/{first.Id}"];
        foreach (var page in pages)
        {
            var user = page == "/home" ? "alice" : null;
            var html = await node.ReadAsync(page, user);
            var between = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "between #tag !cats", ReplyTo = first.Id })).Value;
            using var stream = await EventReader.OpenAsync(node, WebUtility.HtmlDecode(LiveAddress().Match(html).Groups[1].Value), user);
            Assert.Contains($"\"id\":\"{between.Id}\"", (await stream.NextAsync())!.Value.Data, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch(LiveAddress(), await node.ReadAsync($"/?before={long.MaxValue}"));
    }

    [Fact]
    public async Task A_stream_that_broke_goes_on_behind_the_last_id()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        string last;
        using (var stream = await EventReader.OpenAsync(node, "/live/public"))
        {
            await node.PublishAsync(alice, "one");
            await stream.UntilAsync("one");
            last = stream.LastId;
        }

        await node.PublishAsync(alice, "two");
        await node.PublishAsync(alice, "three");
        // The browser asks at the address that it began with; the header counts.
        using var again = await EventReader.OpenAsync(node, "/live/public?after=1", lastEventId: last);
        Assert.Contains("two", (await again.NextAsync())!.Value.Data, StringComparison.Ordinal);
        Assert.Contains("three", (await again.NextAsync())!.Value.Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_last_id_that_is_none_of_ours_begins_at_the_newest(string lastEventId)
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.PublishAsync(alice, "old");
        using var stream = await EventReader.OpenAsync(node, "/live/public", lastEventId: lastEventId);
        await node.PublishAsync(alice, "new");
        Assert.Contains("new", (await stream.NextAsync())!.Value.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_sent_what_their_pages_would_not_show()
    {
        await using var node = await StartAsync();
        var (alice, bob, carol) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"), await node.JoinAsync("carol"));
        using var visitor = await EventReader.OpenAsync(node, "/live/public");
        using var blocker = await EventReader.OpenAsync(node, "/live/public", "bob");
        using var muter = await EventReader.OpenAsync(node, "/live/tag/t", "carol");
        using var home = await EventReader.OpenAsync(node, "/live/home", "carol");
        // While the streams are open.
        await node.Node.BlockAsync(bob.Id, alice.Uri);
        await node.Node.MuteAsync(carol.Id, alice.Uri);

        await node.PublishAsync(alice, "from alice #t");
        await node.PublishAsync(bob, "hidden", Visibility.Followers);
        await node.PublishAsync(carol, "from carol #t");

        Assert.Contains("from alice", (await visitor.NextAsync())!.Value.Data, StringComparison.Ordinal);
        Assert.Contains("from carol", (await visitor.NextAsync())!.Value.Data, StringComparison.Ordinal);
        foreach (var stream in new[] { blocker, muter, home })
            Assert.Contains("from carol", (await stream.NextAsync())!.Value.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_person_is_sent_their_own_form_of_a_notice_and_nobody_elses_tokens()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var hers = await EventReader.OpenAsync(node, "/live/public", "alice");
        using var his = await EventReader.OpenAsync(node, "/live/public", "bob");
        using var visitors = await EventReader.OpenAsync(node, "/live/public");
        await node.PublishAsync(alice, "hello");
        Assert.Contains("/notice/delete", (await hers.NextAsync())!.Value.Data, StringComparison.Ordinal);
        var data = (await his.NextAsync())!.Value.Data;
        Assert.Contains("Reply", data, StringComparison.Ordinal);
        Assert.DoesNotContain("/notice/delete", data, StringComparison.Ordinal);
        Assert.DoesNotContain("Reply", (await visitors.NextAsync())!.Value.Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/live/public", "/")]
    [InlineData("/live/home", "/home")]
    [InlineData("/live/tag/x", "/tag/x")]
    [InlineData("/live/notifications", "/notifications")]
    public async Task What_comes_shows_people_what_they_did_to_it_and_its_forms_lead_back_to_the_list(string path, string page)
    {
        await using var node = await StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(alice, "behold #x @bob");
        Assert.True(await node.Node.FavouriteAsync(bob.Id, notice.Id));

        using var stream = await EventReader.OpenAsync(node, path + "?after=1", "bob");

        using var json = JsonDocument.Parse((await stream.NextAsync())!.Value.Data);
        var html = json.RootElement.GetProperty("html").GetString()!;
        Assert.Contains("action=\"/favourite/remove\"", html, StringComparison.Ordinal);
        Assert.Contains("aria-pressed=\"true\"", html, StringComparison.Ordinal);
        Assert.Contains("action=\"/repeat\"", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{page}#notice-{notice.Id}\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_to_a_group_is_taken_out_by_its_admins_and_nobody_else()
    {
        await using var node = await StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails())).Value;
        Assert.Null((await node.Node.CreateGroupAsync(bob.Id, "dogs", new GroupDetails())).Problem);
        await node.Node.JoinGroupAsync(bob.Id, group.Id);
        using var hers = await EventReader.OpenAsync(node, $"/live/group/{group.Id}", "alice");
        using var his = await EventReader.OpenAsync(node, $"/live/group/{group.Id}", "bob");
        using var visitors = await EventReader.OpenAsync(node, $"/live/group/{group.Id}");
        using var elsewhere = await EventReader.OpenAsync(node, "/live/public", "alice");

        var notice = await node.PublishAsync(bob, "hello !cats !dogs");

        var html = await HtmlAsync(hers);
        Assert.Matches($"action=\"/groups/remove\".+name=\"group\" value=\"{group.Id}\".+name=\"notice\" value=\"{notice.Id}\"", html);
        Assert.Contains("Take it out of the group", html, StringComparison.Ordinal);
        foreach (var stream in new[] { his, visitors, elsewhere })
            Assert.DoesNotContain("/groups/remove", await HtmlAsync(stream), StringComparison.Ordinal);

        // Who becomes an admin, or is none any more, while the stream is open.
        await node.Node.MakeGroupAdminAsync(alice.Id, group.Id, bob.Id);
        await node.Node.LeaveGroupAsync(alice.Id, group.Id);
        await node.PublishAsync(bob, "again !cats");
        Assert.Contains("/groups/remove", await HtmlAsync(his), StringComparison.Ordinal);
        Assert.DoesNotContain("/groups/remove", await HtmlAsync(hers), StringComparison.Ordinal);

        static async Task<string> HtmlAsync(EventReader stream)
        {
            using var json = JsonDocument.Parse((await stream.NextAsync())!.Value.Data);
            return json.RootElement.GetProperty("html").GetString()!.ReplaceLineEndings(" ");
        }
    }

    [Fact]
    public async Task A_person_is_told_at_once_who_likes_what_they_wrote()
    {
        await using var node = await StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "hello");
        using var stream = await EventReader.OpenAsync(node, "/live/notifications", "alice");
        Assert.True(await node.Node.FavouriteAsync(bob.Id, notice.Id));
        var (name, data) = (await stream.NextAsync())!.Value;
        Assert.Equal("notification", name);
        Assert.Contains("\"kind\":\"favourite\",\"actor\":\"bob", data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_and_a_conversation_go_on_behind_the_last_id_and_show_nobody_what_a_block_keeps_away()
    {
        await using var node = await StartAsync();
        var (alice, bob, carol) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"), await node.JoinAsync("carol"));
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails())).Value;
        await node.Node.JoinGroupAsync(carol.Id, group.Id);
        var first = await node.PublishAsync(alice, "first !cats");
        await node.Node.BlockAsync(bob.Id, alice.Uri);
        foreach (var path in new[] { $"/live/group/{group.Id}", $"/live/conversation/{first.Id}" })
        {
            string last;
            using (var stream = await EventReader.OpenAsync(node, path))
            {
                await AnswerAsync(alice, "one");
                await stream.UntilAsync("one");
                last = stream.LastId;
            }

            using var blocker = await EventReader.OpenAsync(node, path, "bob");
            await AnswerAsync(alice, "two");
            await node.PublishAsync(carol, "elsewhere");
            await AnswerAsync(carol, "three");
            using var again = await EventReader.OpenAsync(node, path, lastEventId: last);
            Assert.Contains("two", (await again.NextAsync())!.Value.Data, StringComparison.Ordinal);
            Assert.Contains("three", (await again.NextAsync())!.Value.Data, StringComparison.Ordinal);
            Assert.Contains("three", (await blocker.NextAsync())!.Value.Data, StringComparison.Ordinal);
        }

        Task AnswerAsync(Profile author, string text) =>
            node.Node.PublishAsync(author.Id, new NoticeDraft { Content = text + " !cats", ReplyTo = first.Id });
    }

    [Theory]
    [InlineData("/live/group/7")]
    [InlineData("/live/group/cats")]
    public async Task There_is_no_stream_of_a_group_that_is_not_there(string path)
    {
        await using var node = await StartAsync();
        using var stream = await EventReader.OpenAsync(node, path);
        Assert.Equal(HttpStatusCode.NotFound, stream.Status);
    }

    [Theory]
    [InlineData("/live/home", null)]
    [InlineData("/live/notifications", null)]
    [InlineData("/live/home", "without-profile")]
    public async Task Own_lists_are_for_people_with_a_profile(string path, string? user)
    {
        await using var node = await StartAsync();
        using var stream = await EventReader.OpenAsync(node, path, user);
        Assert.Equal(HttpStatusCode.Unauthorized, stream.Status);
    }

    [Fact]
    public async Task Who_holds_too_many_streams_gets_no_more_and_a_full_node_says_so()
    {
        await using var node = await StartAsync(services => services.Configure<MicroblogOptions>(options =>
        {
            options.Live.MaxPerPerson = 1;
            options.Live.MaxPerAddress = 1;
            options.Live.MaxConnections = 3;
        }));
        foreach (var name in new[] { "alice", "bob", "carol" })
            await node.JoinAsync(name);
        using var first = await EventReader.OpenAsync(node, "/live/public", "alice");
        using var second = await EventReader.OpenAsync(node, "/live/home", "alice");
        using var visitor = await EventReader.OpenAsync(node, "/live/public");
        using var otherVisitor = await EventReader.OpenAsync(node, "/live/tag/x");
        using var third = await EventReader.OpenAsync(node, "/live/public", "bob");
        using var fourth = await EventReader.OpenAsync(node, "/live/public", "carol");
        HttpStatusCode[] statuses = [first.Status, second.Status, visitor.Status, otherVisitor.Status, third.Status, fourth.Status];
        Assert.Equal([200, 429, 200, 429, 200, 503], statuses.Select(status => (int)status));
        Assert.True(fourth.Response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_any_more_makes_room()
    {
        await using var node = await StartAsync(services => services.Configure<MicroblogOptions>(options => options.Live.MaxConnections = 1));
        var alice = await node.JoinAsync("alice");
        (await EventReader.OpenAsync(node, "/live/public")).Dispose();
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var next = await EventReader.OpenAsync(node, "/live/public");
            if (next.Status == HttpStatusCode.OK)
                break;
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "The place was never given back.");
            await Task.Delay(5);
        }
    }

    [Fact]
    public async Task A_host_that_stops_does_not_wait_for_streams()
    {
        await using var node = await StartAsync(services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2)));
        await node.JoinAsync("alice");
        using var idle = await EventReader.OpenAsync(node, "/live/public");
        using var home = await EventReader.OpenAsync(node, "/live/home", "alice");
        await node.Services.GetRequiredService<IHost>().StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(await idle.NextAsync());
        Assert.Null(await home.NextAsync());
    }

    [Fact]
    public async Task Only_pages_with_a_script_permit_scripts_and_only_those_of_the_site()
    {
        await using var node = await StartAsync();
        await node.JoinAsync("alice");
        using var live = await node.GetAsync("/home", "alice");
        Assert.EndsWith("; script-src 'self'; connect-src 'self'", live.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var script = Regex.Match(await live.Content.ReadAsStringAsync(), "<script type=\"module\" src=\"([^\"]+)\"></script>");
        using var content = await node.GetAsync(script.Groups[1].Value);
        Assert.Equal("text/javascript", content.Content.Headers.ContentType!.MediaType);
        using var blocks = await node.GetAsync("/blocks", "alice");
        Assert.DoesNotContain("script-src", blocks.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", await blocks.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_notice_published_through_one_process_comes_to_a_stream_of_another()
    {
        var database = PostgresServer.Shared.CreateDatabase();
        try
        {
            await using var one = await StartOnAsync(database);
            await using var other = await StartOnAsync(database);
            var alice = await one.JoinAsync("alice");
            var bob = await one.JoinAsync("bob");
            await one.Node.SubscribeAsync(bob.Id, "alice");
            using var publicStream = await EventReader.OpenAsync(other, "/live/public");
            using var home = await EventReader.OpenAsync(other, "/live/home", "bob");
            for (var i = 0; i < 3; i++)
            {
                var watch = System.Diagnostics.Stopwatch.StartNew();
                await one.PublishAsync(alice, $"hello {i}");
                await publicStream.UntilAsync($"hello {i}");
                await home.UntilAsync($"hello {i}");
                // Sooner than the feed would find it by polling, and than a page forward would show it.
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2.5), $"It took {watch.Elapsed}.");
            }
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

    private static Task<TestNode> StartOnAsync(string database) => StartAsync(services => services.AddMicroblogCore().UsePostgres(database));

    [GeneratedRegex("data-live=\"([^\"]+)\"")]
    private static partial Regex LiveAddress();
}
