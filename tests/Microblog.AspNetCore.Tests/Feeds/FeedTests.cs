using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microblog.Groups;
using Microblog.Moderation;
using Microblog.Tests.Foreign;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Feeds;

public sealed class FeedTests : IAsyncLifetime
{
    private const string Public = "https://notes.example/";
    private const string Parser = "/usr/bin/python3:feedparser";

    // Six pixels by four.
    private static readonly byte[] Gif =
        [.. "GIF89a"u8, 6, 0, 4, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 6, 0, 4, 0, 0, 2, 3, 0x84, 0x8F, 0x05, 0, 0x3B];

    private TestNode node = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(Public);
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [ForeignTheory(Parser)]
    [InlineData("atom", "atom10")]
    [InlineData("rss", "rss20")]
    public async Task A_reader_that_we_did_not_write_pages_back_to_the_first_notice(string format, string version)
    {
        var written = new List<Notice>();
        for (var i = 0; i < 45; i++)
            written.Add(await node.PublishAsync(alice, $"notice {i} & <b>more</b> #tag{i}"));
        written.Reverse();

        var pages = await ParseAsync($"alice/feed.{format}");

        Assert.Equal([20, 20, 5], pages.Select(page => page!["entries"]!.AsArray().Count));
        Assert.All(pages, page => Assert.Equal(("200", "", version), (Text(page, "status"), Text(page, "broken"), Text(page, "version"))));
        Assert.All(pages, page => Assert.Equal(("Notices of alice", Public + "alice"), (Text(page, "title"), Text(page, "link"))));
        var entries = pages.SelectMany(page => page!["entries"]!.AsArray()).ToList();
        Assert.Equal(written.Select(notice => notice.Uri.Value), entries.Select(entry => Text(entry, "id")));
        Assert.Equal(written.Select(notice => notice.Url), entries.Select(entry => Text(entry, "link")));
        Assert.Equal("alice: notice 44 & <b>more</b> #tag44", WebUtility.HtmlDecode(Text(entries[0], "title")));
        Assert.Contains($"notice 44 &amp; &lt;b&gt;more&lt;/b&gt; <a href=\"{Public}tag/tag44\">#tag44</a>", Text(entries[0], "html"), StringComparison.Ordinal);
        Assert.Equal("[\"tag44\"]", entries[0]!["tags"]!.ToJsonString());
        Assert.Equal("alice", Text(entries[0], "author"));
        var at = written[0].AcceptedAt.UtcDateTime;
        Assert.Equal([at.Year, at.Month, at.Day, at.Hour, at.Minute, at.Second], entries[0]!["published"]!.AsArray().Select(part => (int)part!));
    }

    [ForeignTheory(Parser)]
    [InlineData("atom")]
    [InlineData("rss")]
    public async Task A_picture_is_shown_and_enclosed_unless_it_is_sensitive_or_behind_a_warning(string format)
    {
        var picture = await PublishPictureAsync(new NoticeDraft { Content = "look" });
        await PublishPictureAsync(new NoticeDraft { Content = "look", IsSensitive = true });
        await PublishPictureAsync(new NoticeDraft { Content = "look", Warning = "spiders" });

        var entries = (await ParseAsync($"feed.{format}"))[0]!["entries"]!.AsArray();

        var address = $"{Public}attachment/{picture.Id}";
        Assert.Equal(["[]", "[]", $"[[\"image/gif\",\"{address}\",\"{picture.Size}\"]]"], entries.Select(entry => entry!["enclosures"]!.ToJsonString()));
        Assert.Equal([false, false, true], entries.Select(entry => Text(entry, "html").Contains("<img", StringComparison.Ordinal)));
        Assert.Contains($"src=\"{address}\"", Text(entries[2], "html"), StringComparison.Ordinal);
        Assert.Contains("alt=\"a &quot;spider&quot;\"", Text(entries[2], "html"), StringComparison.Ordinal);
    }

    [ForeignFact(Parser)]
    public async Task A_reader_learns_what_answers_what()
    {
        var first = await node.PublishAsync(alice, "what is that?");
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "an answer", ReplyTo = first.Id });

        var entries = (await ParseAsync("feed.atom"))[0]!["entries"]!.AsArray();

        Assert.Equal([first.Uri.Value, ""], entries.Select(entry => Text(entry, "answers")));
    }

    [Fact]
    public async Task Nobody_learns_the_address_of_an_answered_notice_that_they_may_not_see()
    {
        var first = await node.PublishAsync(alice, "only for followers", Visibility.Followers);
        var answer = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "an answer", ReplyTo = first.Id })).Value;
        var deleted = await node.PublishAsync(alice, "not for long");
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "another answer", ReplyTo = deleted.Id });
        await node.Node.DeleteAsync(alice.Id, deleted.Id);

        foreach (var path in new[] { "/feed.atom", "/feed.rss", "/feed.json", "/alice/feed.atom" })
        {
            var feed = await node.ReadAsync(path);
            Assert.DoesNotContain(first.Id.ToString(), feed, StringComparison.Ordinal);
            Assert.DoesNotContain(deleted.Id.ToString(), feed, StringComparison.Ordinal);
            Assert.DoesNotContain("in-reply-to", feed, StringComparison.Ordinal);
        }

        // Whoever asks: this form is the same for everybody.
        foreach (var user in new[] { null, "alice" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(answer.Url).PathAndQuery);
            request.Headers.TryAddWithoutValidation("Accept", "application/atom+xml");
            using var entry = await node.SendAsync(request, user);
            Assert.Equal(HttpStatusCode.OK, entry.StatusCode);
            Assert.DoesNotContain(first.Id.ToString(), await entry.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_other_services_published_is_named_though_it_is_not_known_here()
    {
        var id = await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                using var drawn = node.Store.Ids.Draw();
                await session.Notices.PublishAsync(
                    new Notice
                    {
                        Id = drawn.Notice,
                        Uri = NoticeUri.Parse($"{Public}notice/{drawn.Notice}"),
                        Url = $"{Public}notice/{drawn.Notice}",
                        Author = alice.Id,
                        Content = "an answer",
                        License = License.CcBy40.Url,
                        Conversation = drawn.Notice,
                        ReplyToUri = "https://elsewhere.example/notice/1",
                    },
                    ct);
                return drawn.Notice;
            },
            CancellationToken.None);

        Assert.False(id.IsNone);
        Assert.Contains("ref=\"https://elsewhere.example/notice/1\"", await node.ReadAsync("/feed.atom"), StringComparison.Ordinal);
    }

    [ForeignTheory(Parser)]
    [InlineData("atom")]
    [InlineData("rss")]
    public async Task Who_has_it_already_is_told_so_until_something_changes(string format)
    {
        var notice = await node.PublishAsync(alice, "hello");
        var tag = Text((await ParseAsync($"feed.{format}"))[0], "etag");
        Assert.NotEmpty(tag);
        Assert.Equal("304", Text((await ParseAsync($"feed.{format}", tag))[0], "status"));

        await node.Node.DeleteAsync(alice.Id, notice.Id);

        Assert.Equal("200", Text((await ParseAsync($"feed.{format}", tag))[0], "status"));
    }

    [ForeignFact("newsboat")]
    public async Task Newsboat_reads_both_formats()
    {
        for (var i = 0; i < 3; i++)
            await node.PublishAsync(alice, $"notice {i}");
        var folder = Directory.CreateTempSubdirectory("microblog-newsboat-");
        try
        {
            foreach (var format in new[] { "atom", "rss" })
            {
                var (urls, cache) = (Path.Combine(folder.FullName, format), Path.Combine(folder.FullName, format + ".db"));
                await File.WriteAllTextAsync(urls, $"{node.Client.BaseAddress}feed.{format}\n");
                ForeignProgram.Run("newsboat", "-u", urls, "-c", cache, "-x", "reload");
                using var newsboat = ForeignProgram.Start("newsboat", "-u", urls, "-c", cache, "-x", "print-unread");
                Assert.Equal("3 unread articles", await newsboat.ReadTextAsync());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_json_feed_says_the_same()
    {
        for (var i = 0; i < 21; i++)
            await node.PublishAsync(alice, $"notice {i} <b> #täg");
        using var response = await node.GetAsync("/feed.json");
        Assert.Equal("application/feed+json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var feed = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(
            ("https://jsonfeed.org/version/1.1", "Public timeline of notes.example", Public, Public + "feed.json"),
            (Text(feed, "version"), Text(feed, "title"), Text(feed, "home_page_url"), Text(feed, "feed_url")));
        Assert.Equal(20, feed["items"]!.AsArray().Count);
        var item = feed["items"]![0]!;
        Assert.Equal("notice 20 <b> #täg", Text(item, "content_text"));
        Assert.Equal($"<p>notice 20 &lt;b&gt; <a href=\"{Public}tag/t%C3%A4g\">#täg</a></p>", Text(item, "content_html"));
        Assert.Equal(("alice", Public + "alice"), (Text(item["authors"]![0], "name"), Text(item["authors"]![0], "url")));
        Assert.Equal("2026-01-02T03:04:05.000Z", Text(item, "date_published"));

        var older = JsonNode.Parse(await node.ReadAsync(Text(feed, "next_url")[(Public.Length - 1)..]))!;
        Assert.Equal("notice 0 <b> #täg", Text(Assert.Single(older["items"]!.AsArray()), "content_text"));
        Assert.Null(older["next_url"]);
    }

    [Fact]
    public async Task Without_WebSub_no_feed_names_a_hub()
    {
        foreach (var format in new[] { "atom", "rss", "json" })
        {
            using var response = await node.GetAsync($"/alice/feed.{format}");
            Assert.False(response.Headers.Contains("Link"));
            Assert.DoesNotContain("hub", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var asked = await node.PostRawAsync("/websub/hub", null, ("hub.mode", "subscribe"));
        Assert.Equal(HttpStatusCode.NotFound, asked.StatusCode);
    }

    [Fact]
    public async Task A_feed_shows_what_a_visitor_sees_whoever_asks()
    {
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        var seen = await node.PublishAsync(alice, "for everybody #cats");
        foreach (var visibility in new[] { Visibility.Followers, Visibility.Direct })
            await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret @bob #cats", Visibility = visibility, Audience = [bob.Id] });
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret, on this site only #cats", IsLocalOnly = true });
        await node.Node.FavouriteAsync(bob.Id, seen.Id);

        foreach (var list in new[] { "", "/alice", "/tag/cats", $"/conversation/{seen.Conversation}", "/bob/favourites" })
        {
            foreach (var format in new[] { "atom", "rss", "json" })
            {
                var feed = await node.ReadAsync($"{list}/feed.{format}", "bob");
                Assert.Contains("for everybody", feed, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", feed, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_group_has_a_feed_under_all_of_its_names()
    {
        var group = (await node.Node.CreateGroupAsync(alice.Id, "gardeners", new GroupDetails { Aliases = ["green"] })).Value;
        await node.PublishAsync(alice, "beans !gardeners");

        Assert.Contains("beans", await node.ReadAsync("/group/gardeners/feed.rss"), StringComparison.Ordinal);
        Assert.Contains($"<id>{Public}group/{group.Nickname}/feed.atom</id>", await node.ReadAsync("/group/green/feed.atom"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_warning_stands_in_front_of_the_text_and_its_pictures_are_not_shown()
    {
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "the butler", Warning = "How it ends & <why>" });

        var entry = XDocument.Parse(await node.ReadAsync("/feed.atom")).Root!.Elements().Single(element => element.Name.LocalName == "entry");

        Assert.Equal("alice: How it ends & <why>", Value(entry, "title"));
        Assert.Equal("<details><summary>How it ends &amp; &lt;why&gt;</summary><p>the butler</p></details>", Value(entry, "content"));
    }

    [Theory]
    [InlineData("/nobody/feed.atom")]
    [InlineData("/nobody/favourites/feed.rss")]
    [InlineData("/group/nothing/feed.json")]
    [InlineData("/conversation/12345/feed.atom")]
    [InlineData("/conversation/x/feed.atom")]
    [InlineData("/feed.as")]
    public async Task What_is_not_there_has_no_feed(string path)
    {
        using var response = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Who_has_left_or_is_suspended_has_no_feed()
    {
        var bob = await node.JoinAsync("bob");
        await node.PublishAsync(bob, "hello");
        await node.PublishAsync(alice, "hello");
        await node.Node.LeaveAsync(bob.Id);
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("operator", alice.Uri, Standing.Suspended, "spam");

        foreach (var person in new[] { "alice", "bob" })
        {
            using var response = await node.GetAsync($"/{person}/feed.rss");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        Assert.DoesNotContain("hello", await node.ReadAsync("/feed.rss"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before=x")]
    [InlineData("before=-1")]
    [InlineData("before=99999999999999999999999")]
    [InlineData("before=0&after=0")]
    public async Task What_is_no_position_gives_the_newest_page(string query)
    {
        await node.PublishAsync(alice, "newest");
        Assert.Contains("newest", await node.ReadAsync("/feed.json?" + query), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_without_notices_is_a_feed_without_entries()
    {
        Assert.DoesNotContain(XDocument.Parse(await node.ReadAsync("/feed.atom")).Root!.Elements(), element => element.Name.LocalName == "entry");
        Assert.Empty(XDocument.Parse(await node.ReadAsync("/alice/feed.rss")).Descendants("item"));
        Assert.Empty(JsonNode.Parse(await node.ReadAsync("/tag/none/feed.json"))!["items"]!.AsArray());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/alice")]
    [InlineData("/alice/favourites")]
    [InlineData("/tag/caf%C3%A9")]
    [InlineData("/group/gardeners")]
    public async Task Each_list_says_where_its_feeds_are(string path)
    {
        await node.Node.CreateGroupAsync(alice.Id, "gardeners", new GroupDetails());
        var page = WebUtility.HtmlDecode(await node.ReadAsync(path));
        var links = Regex.Matches(page, "<link rel=\"alternate\" type=\"(application/(?:atom|rss|feed)[^\"]*)\" href=\"([^\"]*)\"");
        Assert.Equal(["application/atom+xml", "application/rss+xml", "application/feed+json"], links.Select(link => link.Groups[1].Value));
        foreach (Match link in links)
        {
            using var response = await node.GetAsync(link.Groups[2].Value);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(link.Groups[1].Value, response.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task A_tag_that_a_proxy_made_weak_and_one_among_several_are_known_too()
    {
        await node.PublishAsync(alice, "hello");
        using var first = await node.GetAsync("/feed.atom");
        var tag = first.Headers.ETag!.ToString();
        foreach (var known in new[] { tag, "W/" + tag, $"\"other\", {tag}", "*" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/feed.atom");
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            using var response = await node.SendAsync(request);
            Assert.Equal((HttpStatusCode.NotModified, tag), (response.StatusCode, response.Headers.ETag!.ToString()));
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    private async Task<Attachment> PublishPictureAsync(NoticeDraft draft)
    {
        var picture = (await node.Node.UploadAsync(alice.Id, Gif, "a \"spider\"")).Value;
        await node.Node.PublishAsync(alice.Id, draft with { Attachments = [picture.Id] });
        return picture;
    }

    private async Task<JsonArray> ParseAsync(string path, string tag = "")
    {
        using var parser = ForeignProgram.Start(
            "/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "foreign", "feed.py"), Public + path, Public, node.Client.BaseAddress!.ToString(), tag);
        return JsonNode.Parse((await parser.ReadTextAsync())!)!.AsArray();
    }

    private static string Text(JsonNode? of, string name) => of![name]!.ToString();

    private static string Value(XElement entry, string name) => entry.Elements().Single(element => element.Name.LocalName == name).Value;
}
