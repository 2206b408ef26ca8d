using System.Xml.Linq;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>What the objects hold, by the tables of the specification: names, types, and what may be null, in JSON and in XML.</summary>
public sealed class ObjectTests
{
    private static readonly XNamespace StatusNet = "http://status.net/schema/api/1/";

    // A number, a text, a truth; with a question mark what may be null.
    private const string User =
        "id:n id_str:s name:s screen_name:s location:s? description:s? url:s? profile_image_url:s profile_image_url_https:s protected:b followers_count:n "
        + "friends_count:n statuses_count:n favourites_count:n profile_background_color:s profile_text_color:s profile_link_color:s "
        + "profile_sidebar_fill_color:s profile_sidebar_border_color:s profile_background_image_url:s profile_background_tile:b created_at:s utc_offset:s "
        + "time_zone:s following:b statusnet:blocking:b notifications:b statusnet_profile_url:s statusnet_uri:s acct:s";

    private const string Status =
        "text:s truncated:b created_at:s id:n id_str:s in_reply_to_status_id:n? in_reply_to_status_id_str:s? in_reply_to_user_id:n? in_reply_to_user_id_str:s? "
        + "in_reply_to_screen_name:s? source:s geo:s? favorited:b repeated:b fave_num:n repeat_num:n is_local:b uri:s external_url:s? "
        + "statusnet_conversation_id:n statusnet_html:s";

    private const string Message = "id:n sender_id:n text:s recipient_id:n created_at:s sender_screen_name:s recipient_screen_name:s";

    private const string Group =
        "id:n url:s nickname:s fullname:s? member:b blocked:b member_count:n original_logo:s? homepage_logo:s? stream_logo:s? mini_logo:s? homepage:s? "
        + "description:s? location:s? created:s modified:s admin_count:n notice_count:n";

    private const string Side = "screen_name:s followed_by:b following:b notifications_enabled:b blocking:b id:n";

    private const string SearchResult =
        "text:s to_user_id:n? to_user:s? from_user:s id:n from_user_id:n iso_language_code:s? source:s profile_image_url:s created_at:s";

    [Fact]
    public async Task Every_object_has_what_the_tables_say_in_JSON_and_in_XML()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        var first = await node.PublishAsync(alice, "hello #cats <&> https://e.example/");
        var answer = await node.PublishAsync(bob, "@alice yes", replyTo: first.Id);
        await node.WriteAsync("direct_messages/new.json", "alice", ("user", "bob"), ("text", "only for you"));
        await node.WriteAsync("statusnet/groups/create.json", "alice", ("nickname", "cats"), ("full_name", "Cats"));

        Check(User, await node.ReadAsync("users/show/bob.json", "alice"));
        Check(User, await XmlAsync(node, "users/show/bob.xml", "user"));
        Check(Status, await node.ReadAsync($"statuses/show/{answer.Id}.json", "alice"));
        Check(Status, await XmlAsync(node, $"statuses/show/{answer.Id}.xml", "status"));
        Check(Message, (await node.ReadAsync("direct_messages/sent.json", "alice"))[0]!);
        Check(Message, (await XmlAsync(node, "direct_messages/sent.xml", "direct-messages")).Element("direct_message")!);
        Check(Group, await node.ReadAsync("statusnet/groups/show/cats.json", "alice"));
        Check(Group, await XmlAsync(node, "statusnet/groups/show/cats.xml", "group"));
        var relationship = (await node.ReadAsync("friendships/show.json?target_screen_name=bob", "alice"))["relationship"]!;
        Check(Side, relationship["source"]!);
        Check(Side, relationship["target"]!);
        Check(Side, (await XmlAsync(node, "friendships/show.xml?target_screen_name=bob", "relationship")).Element("target")!);
        await node.Services.IndexAsync();
        Check(SearchResult, (await node.ReadAsync("search.json?q=hello"))["results"]![0]!);
    }

    [Fact]
    public async Task Lists_have_the_roots_that_the_original_XML_had()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.PublishAsync(alice, "hello");
        foreach (var (path, root) in new[]
        {
            ("statuses/public_timeline.xml", "statuses"), ("statuses/friends.xml", "users"), ("statusnet/groups/list_all.xml", "groups"),
            ("direct_messages.xml", "direct-messages"), ("friends/ids.xml", "ids"),
        })
            Assert.Equal("array", (await XmlAsync(node, path, root)).Attribute("type")!.Value);
        Assert.Equal("true", (await XmlAsync(node, "help/test.xml", "ok")).Value);
        Assert.Equal("\"ok\"", await (await node.GetAsync("help/test.json")).Content.ReadAsStringAsync());
        Assert.Equal("false", (await XmlAsync(node, "friendships/exists.xml?user_a=alice&user_b=alice", "friends")).Value);
        Assert.Equal("false", await (await node.GetAsync("friendships/exists.json?user_a=alice&user_b=alice")).Content.ReadAsStringAsync());
        Assert.Equal("5000", (await XmlAsync(node, "statusnet/config.xml", "config")).Element("site")!.Element("textlimit")!.Value);
        Assert.Equal(5000, (int)(await node.ReadAsync("laconica/config.json"))["site"]!["textlimit"]!);
        var limit = await XmlAsync(node, "account/rate_limit_status.xml", "hash");
        Assert.Equal("integer", limit.Element("hourly-limit")!.Attribute("type")!.Value);
        Assert.Equal("datetime", limit.Element("reset-time")!.Attribute("type")!.Value);
    }

    [Fact]
    public async Task What_a_notice_answers_is_told_only_to_those_who_may_see_that()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.JoinAsync("carol");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        var first = await node.PublishAsync(alice, "only for followers", Visibility.Followers);
        var answer = await node.PublishAsync(bob, "an open answer", replyTo: first.Id);
        await node.Services.IndexAsync();
        var number = first.Id.ToString();
        string[] lists = ["statuses/public_timeline", "statuses/user_timeline/bob", "search"];

        foreach (var reader in new[] { null, "carol" })
        {
            var status = await node.ReadAsync($"statuses/show/{answer.Id}.json", reader);
            Assert.Null((long?)status["in_reply_to_status_id"]);
            Assert.Null((string?)status["in_reply_to_status_id_str"]);
            Assert.Null((long?)status["in_reply_to_user_id"]);
            Assert.Null((string?)status["in_reply_to_screen_name"]);
            var xml = await (await node.GetAsync($"statuses/show/{answer.Id}.xml", reader)).Content.ReadAsStringAsync();
            Assert.Contains("<in_reply_to_status_id />", xml, StringComparison.Ordinal);
            foreach (var path in lists.Select(list => list + ".atom?q=open").Append($"statuses/show/{answer.Id}.atom"))
            {
                var atom = await (await node.GetAsync(path, reader)).Content.ReadAsStringAsync();
                Assert.Contains("an open answer", atom, StringComparison.Ordinal);
                Assert.DoesNotContain(number, atom, StringComparison.Ordinal);
            }
        }

        Assert.Equal(first.Id.Value, (long)(await node.ReadAsync($"statuses/show/{answer.Id}.json", "bob"))["in_reply_to_status_id"]!);
        // A feed of what was found says of nothing what it answers.
        foreach (var list in lists[..^1])
            Assert.Contains(first.Uri.Value, await (await node.GetAsync(list + ".atom?q=open", "bob")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_list_is_offered_as_RSS_and_as_Atom()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        await node.WriteAsync("statusnet/groups/create.json", "alice", ("nickname", "tea"), ("description", "Tea & <cake>"));
        var notice = await node.PublishAsync(bob, "what they all show #cats !tea @alice");
        await node.Node.FavouriteAsync(alice.Id, notice.Id);
        await node.WriteAsync("direct_messages/new.json", "bob", ("user", "alice"), ("text", "what they all show"));
        await node.WriteAsync("statusnet/groups/join/tea.json", "bob");
        await node.PublishAsync(bob, "what they all show, too, !tea");
        await node.Services.IndexAsync();
        foreach (var format in new[] { "rss", "atom" })
        {
            foreach (var path in new[]
            {
                "statuses/public_timeline", "statuses/home_timeline", "statuses/friends_timeline", "statuses/user_timeline/bob", "statuses/mentions", "statuses/replies",
                "favorites", "statusnet/tags/timeline/cats", "statusnet/groups/timeline/tea", $"statusnet/conversation/{notice.Id}", "direct_messages",
            })
            {
                var feed = await FeedAsync($"{path}.{format}");
                Assert.Contains(feed.Descendants(), element => element.Value.StartsWith("bob: what they all show", StringComparison.Ordinal));
            }

            foreach (var path in new[] { "statusnet/groups/list", "statusnet/groups/list_all" })
                Assert.Contains((await FeedAsync($"{path}.{format}")).Descendants(), element => element.Value == "Tea & <cake>");
        }

        Assert.Contains((await FeedAsync("search.atom?q=show")).Descendants(), element => element.Name.LocalName == "entry");
        Assert.Equal("entry", (await FeedAsync($"statuses/show/{notice.Id}.atom")).Name.LocalName);

        async Task<XElement> FeedAsync(string path)
        {
            var answer = await node.GetAsync(path, "alice");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{path} {text}");
            return XDocument.Parse(text).Root!;
        }
    }

    private static async Task<XElement> XmlAsync(ApiNode node, string path, string root)
    {
        var answer = await node.GetAsync(path, "alice");
        Assert.Equal("application/xml", answer.Content.Headers.ContentType!.MediaType);
        var element = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
        Assert.Equal(root, element.Name.LocalName);
        return element;
    }

    private static IEnumerable<(string Name, char Type, bool IsOptional)> Fields(string table) => table.Split(' ').Select(field =>
        (field[..field.LastIndexOf(':')], field[field.LastIndexOf(':') + 1], field.EndsWith('?')));

    private static void Check(string table, JToken value)
    {
        foreach (var (name, type, isOptional) in Fields(table))
        {
            var found = value[name];
            Assert.True(found is not null, $"{name} is missing in {value}");
            if (isOptional && found.Type == JTokenType.Null)
                continue;
            Assert.True(
                found.Type == type switch { 'n' => JTokenType.Integer, 'b' => JTokenType.Boolean, _ => JTokenType.String }, $"{name} is {found.Type}");
        }
    }

    private static void Check(string table, XElement value)
    {
        foreach (var (name, type, isOptional) in Fields(table))
        {
            var element = value.Element(name.StartsWith("statusnet", StringComparison.Ordinal) ? StatusNet + name[10..] : name);
            Assert.True(element is not null, $"{name} is missing in {value}");
            if (isOptional && element.Value.Length == 0)
                continue;
            Assert.True(
                type switch { 'n' => long.TryParse(element.Value, out _), 'b' => element.Value is "true" or "false", _ => true }, $"{name} is {element.Value}");
        }
    }
}
