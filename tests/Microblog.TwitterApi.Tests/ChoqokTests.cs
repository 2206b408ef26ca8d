using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microblog.Media;

namespace Microblog.TwitterApi.Tests;

/// <summary>What choqok sends and how it reads (§10, §12), as seen when it was driven by hand: it needs a screen.</summary>
public sealed partial class ChoqokTests
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace Twitter = "http://api.twitter.com/";

    [Fact]
    public async Task A_picture_comes_in_a_part_that_calls_itself_a_file_beside_an_empty_number() // §10
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        byte[] form =
        [
            .. "--AaB03x\r\nContent-Disposition: file; name=\"media\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n"u8,
            .. Identicon.Create("a picture").ToArray(),
            .. Encoding.UTF8.GetBytes(Field("in_reply_to_status_id", "") + Field("source", "choqok") + Field("status", "Grüße") + "\r\n--AaB03x--"),
        ];
        using var content = new ByteArrayContent(form) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=AaB03x") } };
        var posted = await ApiNode.JsonAsync(await node.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/statuses/update.json")) { Content = content }, "alice"));
        Assert.Equal("Grüße", (string?)posted["text"]);
        Assert.Equal("choqok", (string?)posted["source"]);
        Assert.Equal("", (string?)posted["in_reply_to_status_id"] ?? "");
        Assert.StartsWith(node.Root.AbsoluteUri + "attachment/", (string?)posted["entities"]!["media"]![0]!["media_url"], StringComparison.Ordinal);

        static string Field(string name, string value) => $"\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}";
    }

    [Fact]
    public async Task Writes_say_in_the_query_what_they_are_about_and_have_no_body() // §10
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        var notice = await node.PublishAsync(bob, "hello");
        Assert.True((bool)(await node.WriteAsync("friendships/create.json?screen_name=bob", "alice"))["following"]!);
        Assert.True((bool)(await node.WriteAsync($"favorites/create.json?id={notice.Id}", "alice"))["favorited"]!);
        Assert.False((bool)(await node.WriteAsync($"favorites/destroy.json?id={notice.Id}", "alice"))["favorited"]!);
        Assert.True((bool)(await node.WriteAsync("blocks/create.json?screen_name=bob", "alice"))["statusnet:blocking"]!);
    }

    [Fact]
    public async Task Whole_notices_are_read_out_of_a_search_as_Atom() // §8.9
    {
        await using var node = await ApiNode.StartAsync();
        var bob = await node.JoinAsync("bob");
        await node.WriteAsync("account/update_profile.json", "bob", ("name", "Bob & Sons"));
        await node.WriteAsync("statuses/update.json", "bob", ("status", "first: äöü & <b> #cats"), ("source", "cron"));
        var second = await node.PublishAsync(bob, "second #cats");
        await node.Services.IndexAsync();
        var entries = (await FeedAsync(node, "search.atom?q=%23cats&rpp=100")).Elements(Atom + "entry").ToList();
        Assert.Equal(["second #cats", "first: äöü & <b> #cats"], entries.Select(entry => (string)entry.Element(Atom + "title")!));
        // Notices of one number are one.
        Assert.Equal(2, entries.Select(NumberOf).Distinct().Count());
        Assert.Equal(second.Id.ToString(), NumberOf(entries[0]));
        Assert.All(entries, entry =>
        {
            Assert.Equal("bob (Bob & Sons)", (string?)entry.Element(Atom + "author")!.Element(Atom + "name"));
            Assert.Equal($"{node.Root}user/{bob.Id}/avatar/96", LinkOf(entry, "related"));
            Assert.StartsWith(node.Root + "notice/", LinkOf(entry, "alternate"), StringComparison.Ordinal);
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", (string)entry.Element(Atom + "published")!);
        });
        Assert.Equal(["web", "cron"], entries.Select(entry => (string)entry.Element(Twitter + "source")!));
    }

    [Fact]
    public async Task A_search_as_Atom_says_where_it_goes_on() // §8.9
    {
        await using var node = await ApiNode.StartAsync();
        var bob = await node.JoinAsync("bob");
        for (var number = 1; number <= 3; number++)
            await node.PublishAsync(bob, $"number {number} #cats");
        await node.Services.IndexAsync();
        var first = await FeedAsync(node, "search.atom?q=%23Cats&rpp=2");
        Assert.Null(LinkOf(first, "previous"));
        var second = await FollowAsync(first, "next");
        Assert.Equal(["number 1 #cats"], TitlesOf(second));
        Assert.Null(LinkOf(second, "next"));
        Assert.Equal(["number 3 #cats", "number 2 #cats"], TitlesOf(await FollowAsync(second, "previous")));
        Assert.Empty(TitlesOf(await FollowAsync(first, "refresh")));
        await node.PublishAsync(bob, "number 4 #cats");
        await node.Services.IndexAsync();
        Assert.Equal(["number 4 #cats"], TitlesOf(await FollowAsync(first, "refresh")));

        Task<XElement> FollowAsync(XElement feed, string relation) => FeedAsync(node, LinkOf(feed, relation)![(node.Root.AbsoluteUri.Length + "api/".Length)..]);
    }

    [Fact]
    public async Task Looking_up_people_of_whom_nobody_is_known_answers_an_empty_list() // §10
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        // bitlbee, too, looks up whom alice follows when she logs in, and logs her out at any refusal.
        Assert.Empty(await node.WriteAsync("users/lookup.json", "alice", ("user_id", "1,2,3")));
        Assert.Empty(await node.ReadAsync("users/lookup.json?screen_name=nobody", "alice"));
    }

    private static async Task<XElement> FeedAsync(ApiNode node, string path)
    {
        using var answer = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
    }

    private static IEnumerable<string> TitlesOf(XElement feed) => feed.Elements(Atom + "entry").Select(entry => (string)entry.Element(Atom + "title")!);

    private static string? LinkOf(XElement element, string relation) =>
        (string?)element.Elements(Atom + "link").SingleOrDefault(link => (string?)link.Attribute("rel") == relation)?.Attribute("href");

    private static string NumberOf(XElement entry)
    {
        var match = TagUri().Match((string)entry.Element(Atom + "id")!);
        Assert.True(match.Success);
        return match.Groups[1].Value;
    }

    // choqok looks for the number at the end of a tag URI, and nowhere else.
    [GeneratedRegex(@"\Atag:[^,]+,[0-9-]+:([0-9]+)\z")]
    private static partial Regex TagUri();
}
