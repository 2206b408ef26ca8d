using System.Net;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task What_a_client_posts_comes_back_equal_and_says_which_client()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        const string Text = "Grüße, \"Bob\" & 日本 #Öl https://example.org/?a=1&b=2 👩‍👩‍👧";
        var posted = await node.WriteAsync("statuses/update.json", "alice", ("status", Text), ("source", "gwibber"));
        var shown = await node.ReadAsync($"statuses/show/{posted["id"]}.json");
        Assert.Equal(Text, (string?)shown["text"]);
        Assert.Equal("gwibber", (string?)shown["source"]);
        Assert.Equal("alice", (string?)shown["user"]!["screen_name"]);
        Assert.Equal((string?)posted["id"], (string?)posted["id_str"]);
        Assert.Equal(JTokenType.Integer, posted["id"]!.Type);
        Assert.Equal("Fri Jan 02 03:04:05 +0000 2026", (string?)posted["created_at"]);
    }

    [Fact]
    public async Task Home_has_what_people_hear_newest_first_and_pages_by_number_both_ways()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        for (var i = 1; i <= 45; i++)
            await node.PublishAsync(i % 2 == 0 ? alice : bob, $"{i}");
        var first = (JArray)await node.ReadAsync("statuses/home_timeline.json", "alice");
        Assert.Equal(Enumerable.Range(26, 20).Reverse().Select(i => $"{i}"), Texts(first));
        var second = (JArray)await node.ReadAsync($"statuses/home_timeline.json?count=10&max_id={(long)first[^1]!["id"]! - 1}", "alice");
        Assert.Equal(Enumerable.Range(16, 10).Reverse().Select(i => $"{i}"), Texts(second));
        var inclusive = (JArray)await node.ReadAsync($"statuses/home_timeline.json?count=1&max_id={first[^1]!["id"]}", "alice");
        Assert.Equal(["26"], Texts(inclusive));
        var page = (JArray)await node.ReadAsync("statuses/home_timeline.json?count=10&page=3", "alice");
        Assert.Equal(Texts(second), Texts(page));
        var newer = (JArray)await node.ReadAsync($"statuses/home_timeline.json?since_id={first[2]!["id"]}", "alice");
        Assert.Equal(["45", "44"], Texts(newer));
    }

    [Fact]
    public async Task Who_says_the_same_again_within_a_minute_is_refused_and_nothing_is_stored()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        await node.WriteAsync("statuses/update.json", "alice", ("status", "hello"));
        node.Clock.Advance(TimeSpan.FromSeconds(60));
        var refused = await node.PostAsync("statuses/update.json", "alice", ("status", "hello"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(187, (int)JObject.Parse(await refused.Content.ReadAsStringAsync())["errors"]![0]!["code"]!);
        Assert.Single(await node.ReadAsync("statuses/user_timeline/alice.json"));
        node.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await node.WriteAsync("statuses/update.json", "alice", ("status", "hello"));
        Assert.Equal(2, (await node.ReadAsync("statuses/user_timeline/alice.json")).Count());
    }

    [Theory]
    [InlineData("statuses/home_timeline.json", HttpStatusCode.Unauthorized)]
    [InlineData("statuses/home_timeline.xml", HttpStatusCode.Unauthorized)]
    [InlineData("statuses/nothing.json", HttpStatusCode.NotFound)]
    [InlineData("statuses/home_timeline.as", HttpStatusCode.NotFound)]
    [InlineData("statuses/update.json", HttpStatusCode.BadRequest)]
    [InlineData("statuses/show/1.json", HttpStatusCode.NotFound)]
    [InlineData("statuses/show/999999999999999999999.json", HttpStatusCode.NotFound)]
    [InlineData("statuses/show/-1.xml", HttpStatusCode.NotFound)]
    [InlineData("users/show/nobody.json", HttpStatusCode.NotFound)]
    public async Task Refusals_come_in_the_clients_own_format(string path, HttpStatusCode status)
    {
        await using var node = await ApiNode.StartAsync();
        var answer = await node.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(
            status == HttpStatusCode.Unauthorized ? [("Basic", $"realm=\"{node.Root.Authority} API\""), ("OAuth", $"realm=\"{node.Root}\"")] : [],
            answer.Headers.WwwAuthenticate.Select(challenge => (challenge.Scheme, challenge.Parameter)));
        var text = await answer.Content.ReadAsStringAsync();
        if (path.EndsWith(".xml", StringComparison.Ordinal))
        {
            var hash = System.Xml.Linq.XDocument.Parse(text).Root!;
            Assert.Equal("hash", hash.Name.LocalName);
            Assert.Equal("/api/" + path, hash.Element("request")!.Value);
            Assert.NotEqual("", hash.Element("error")!.Value);
        }
        else
        {
            var hash = JObject.Parse(text);
            Assert.Equal("/api/" + path, (string?)hash["request"]);
            Assert.Equal((string?)hash["error"], (string?)hash["errors"]![0]!["message"]);
            Assert.Equal(JTokenType.Integer, hash["errors"]![0]!["code"]!.Type);
        }
    }

    private static IEnumerable<string> Texts(JToken list) => list.Select(status => (string)status["text"]!);
}
