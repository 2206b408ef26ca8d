using System.Net;
using System.Xml.Linq;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>What the original did wrong, by the numbers under which the specification lists it.</summary>
public sealed class DefectTests
{
    [Fact]
    public async Task Letters_carry_the_numbers_of_their_people_and_reach_nobody_else() // 4
    {
        await using var node = await ApiNode.StartAsync();
        var (alice, bob) = await FriendsAsync(node);
        var carol = await node.JoinAsync("carol");
        var sent = await node.WriteAsync("direct_messages/new.json", "alice", ("screen_name", "bob"), ("text", "Say nothing to @carol"));
        Assert.Equal(alice.Id.Value, (long)sent["sender_id"]!);
        Assert.Equal(bob.Id.Value, (long)sent["recipient_id"]!);
        Assert.Equal("bob", (string?)sent["recipient"]!["screen_name"]);
        Assert.Single(await node.ReadAsync("direct_messages.json", "bob"));
        Assert.Single(await node.ReadAsync("direct_messages/sent.json", "alice"));
        Assert.Empty(await node.ReadAsync("direct_messages.json", "carol"));
        Assert.Empty(await node.ReadAsync("statuses/mentions.json", "carol"));
        Assert.Empty(await node.ReadAsync("statuses/home_timeline.json", "bob"));
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync($"statuses/show/{sent["id"]}.json", "bob")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync($"direct_messages/show/{sent["id"]}.json", "carol")).StatusCode);
        Assert.False(carol.Id.IsNone);
    }

    [Theory]
    [InlineData("d bob hello")]
    [InlineData("D bob hello")]
    [InlineData("dm  bob   hello")]
    [InlineData(" d bob hello")]
    public async Task A_letter_by_its_first_word_is_never_published(string text) // §9
    {
        await using var node = await ApiNode.StartAsync();
        await FriendsAsync(node);
        await node.WriteAsync("statuses/update.json", "alice", ("status", text));
        Assert.Empty(await node.ReadAsync("statuses/user_timeline.json?screen_name=alice"));
        Assert.Equal("hello", (string?)(await node.ReadAsync("direct_messages.json", "bob"))[0]!["text"]);
    }

    [Theory]
    [InlineData("d nobody hello", HttpStatusCode.Forbidden)]
    [InlineData("d carol hello", HttpStatusCode.Forbidden)]
    [InlineData("d alice hello", HttpStatusCode.Forbidden)]
    [InlineData("d bob", HttpStatusCode.NotAcceptable)]
    [InlineData("dm @carol@elsewhere.example hello", HttpStatusCode.Forbidden)]
    public async Task A_letter_that_cannot_be_sent_is_refused_and_not_published(string text, HttpStatusCode status) // §9
    {
        await using var node = await ApiNode.StartAsync();
        await FriendsAsync(node);
        await node.JoinAsync("carol");
        Assert.Equal(status, (await node.PostAsync("statuses/update.json", "alice", ("status", text))).StatusCode);
        Assert.Empty(await node.ReadAsync("statuses/user_timeline.json?screen_name=alice"));
    }

    [Fact]
    public async Task Lists_have_no_more_than_was_asked_for_and_tags_page_like_all() // 5, 6
    {
        await using var node = await ApiNode.StartAsync();
        var (alice, bob) = await FriendsAsync(node);
        var carol = await node.JoinAsync("carol");
        await node.Node.SubscribeAsync(carol.Id, "alice");
        await node.Node.SubscribeAsync(alice.Id, "carol");
        Assert.Single(await node.ReadAsync("statuses/followers.json?count=1&screen_name=alice"));
        Assert.Single(await node.ReadAsync("statuses/friends.json?count=1&screen_name=alice"));
        var ids = new List<NoticeId>();
        for (var i = 0; i < 5; i++)
            ids.Add((await node.PublishAsync(alice, $"{i} #cats")).Id);
        Assert.Equal(2, (await node.ReadAsync("statusnet/tags/timeline/cats.json?count=2")).Count());
        Assert.Equal(2, (await node.ReadAsync($"statusnet/tags/timeline/cats.json?since_id={ids[2]}")).Count());
        Assert.Equal(3, (await node.ReadAsync($"statusnet/tags/timeline/cats.json?max_id={ids[2]}")).Count());
        foreach (var person in new[] { bob, carol })
            await node.Node.RepeatAsync(person.Id, ids[0]);
        Assert.Equal(2, (await node.ReadAsync($"statuses/retweets/{ids[0]}.json", "alice")).Count());
        Assert.Single(await node.ReadAsync($"statuses/retweets/{ids[0]}.json?count=1", "alice"));
        Assert.Single(await node.ReadAsync("statuses/retweets_of_me.json?count=1", "alice"));
        Assert.Equal(2, (await node.ReadAsync("statuses/retweeted_to_me.json", "alice")).Count());
        Assert.Single(await node.ReadAsync("statuses/retweeted_by_me.json", "bob"));
    }

    [Theory]
    [InlineData("favorites/destroy/{0}.json", HttpStatusCode.Forbidden)]
    [InlineData("favorites/destroy/{0}.xml", HttpStatusCode.Forbidden)]
    [InlineData("favorites/create/999.xml", HttpStatusCode.NotFound)]
    [InlineData("friendships/create/alice.xml", HttpStatusCode.Forbidden)]
    [InlineData("blocks/create/alice.json", HttpStatusCode.Forbidden)]
    [InlineData("statuses/retweet/999.json", HttpStatusCode.BadRequest)]
    [InlineData("statuses/destroy/999.xml", HttpStatusCode.NotFound)]
    [InlineData("statusnet/groups/join/nothing.json", HttpStatusCode.NotFound)]
    public async Task Refused_writes_are_told_in_the_format_asked_for(string path, HttpStatusCode status) // 7
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "hello");
        var answer = await node.PostAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, notice.Id), "alice");
        Assert.Equal(status, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        if (path.EndsWith("xml", StringComparison.Ordinal))
            Assert.Equal("hash", XDocument.Parse(text).Root!.Name.LocalName);
        else
            Assert.NotEmpty((string)JObject.Parse(text)["error"]!);
    }

    [Theory]
    [InlineData("statuses/show/{0}.atom", HttpStatusCode.Gone)]
    [InlineData("statuses/user_timeline/nobody.rss", HttpStatusCode.NotFound)]
    [InlineData("direct_messages.atom", HttpStatusCode.Unauthorized)]
    public async Task Refusals_of_feeds_are_XML(string path, HttpStatusCode status) // 8
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "hello");
        await node.Node.DeleteAsync(alice.Id, notice.Id);
        var answer = await node.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, notice.Id));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("hash", XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!.Name.LocalName);
    }

    [Fact]
    public async Task A_profile_field_that_is_sent_empty_is_cleared_and_one_that_is_not_sent_stays() // 9
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        await node.WriteAsync("account/update_profile.json", "alice", ("name", "Alice"), ("description", "Somebody"), ("url", "https://alice.example/"));
        var changed = await node.WriteAsync("account/update_profile.json", "alice", ("description", ""));
        Assert.Equal(JTokenType.Null, changed["description"]!.Type);
        Assert.Equal("Alice", (string?)changed["name"]);
        Assert.Equal("https://alice.example/", (string?)changed["url"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PostAsync("account/update_profile.json", "alice", ("url", "javascript:alert(1)"))).StatusCode);
    }

    [Fact]
    public async Task Nobody_learns_who_owns_an_address() // 11
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("users/show.json?email=alice@notes.example")).StatusCode);
    }

    [Fact]
    public async Task A_repeat_has_the_whole_text_inside_and_outside() // 14
    {
        await using var node = await ApiNode.StartAsync(options: options => options.MaxNoticeLength = 140);
        var (alice, _) = await FriendsAsync(node);
        var text = new string('x', 120) + " #end https://e.example/";
        var original = await node.PublishAsync(alice, text[^140..]);
        var repeat = await node.WriteAsync($"statuses/retweet/{original.Id}.json", "bob");
        Assert.Equal(text[^140..], (string?)repeat["retweeted_status"]!["text"]);
        Assert.Equal("RT @alice " + text[^140..], (string?)repeat["text"]);
    }

    [Theory]
    [InlineData("statuses/update.json", "status", HttpStatusCode.NotAcceptable)]
    [InlineData("direct_messages/new.json", "text", HttpStatusCode.NotAcceptable)]
    public async Task What_is_too_long_is_not_acceptable(string path, string field, HttpStatusCode status)
    {
        await using var node = await ApiNode.StartAsync(options: options => options.MaxNoticeLength = 140);
        await FriendsAsync(node);
        Assert.Equal(status, (await node.PostAsync(path, "alice", (field, new string('x', 141)), ("user", "bob"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync(path, "alice", (field, new string('x', 140)), ("user", "bob"))).StatusCode);
    }

    private static async Task<(Profile Alice, Profile Bob)> FriendsAsync(ApiNode node)
    {
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        return (alice, bob);
    }
}
