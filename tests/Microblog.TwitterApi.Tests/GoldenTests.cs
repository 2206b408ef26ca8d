using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microblog.Tests.Foreign;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>Whole answers beside files that were written by hand from the specification; numbers and the node's address are put in.</summary>
public sealed class GoldenTests
{
    [Fact]
    public async Task Answers_are_what_the_specification_says_field_by_field()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        await node.WriteAsync("account/update_profile.json", "alice", ("name", "Alice A."), ("location", "Here & <there>"), ("url", "https://alice.example/?a=1&b=2"));
        var first = await node.PublishAsync(alice, "first");
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        var answer = (await node.Node.PublishAsync(bob.Id, new NoticeDraft
        {
            Content = "@alice A 😀 & <b> #Öl https://e.example/",
            ReplyTo = first.Id,
            Source = new NoticeSource("Client & Co", "https://client.example/?a=1&b=2"),
        })).Value;
        await node.Node.FavouriteAsync(alice.Id, answer.Id);
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        var letter = await node.WriteAsync("direct_messages/new.json", "alice", ("user", "bob"), ("text", "Only for you"));
        var names = new Dictionary<string, string>
        {
            ["root"] = node.Root.AbsoluteUri, ["alice"] = alice.Id.ToString(), ["bob"] = bob.Id.ToString(), ["first"] = first.Id.ToString(),
            ["answer"] = answer.Id.ToString(), ["letter"] = ((long)letter["id"]!).ToString(CultureInfo.InvariantCulture),
        };

        await CheckAsync("user", "users/show/alice", "bob", without: ["status"]);
        await CheckAsync("status", $"statuses/show/{answer.Id}", "alice", without: ["user"]);
        await CheckAsync("direct_message", $"direct_messages/show/{letter["id"]}", "alice", without: ["sender", "recipient"]);
        await CheckAsync("relationship", "friendships/show", "alice", "?target_screen_name=bob");
        await CheckAsync("error", "statuses/show/1", null, "?a=1&b=%3C2%3E");
        await CheckAsync("ids", "friends/ids/alice", null);

        async Task CheckAsync(string file, string path, string? reader, string query = "", string[]? without = null)
        {
            var json = JsonOf(await (await node.GetAsync($"{path}.json{query}", reader)).Content.ReadAsStringAsync());
            foreach (var name in without ?? [])
                Assert.True(((JObject)json).Remove(name), name);
            var expected = JsonOf(Fill(file + ".json"));
            Assert.True(JToken.DeepEquals(Sorted(expected), Sorted(json)), $"{Sorted(expected)}\n\n{Sorted(json)}");

            var xml = XDocument.Parse(await (await node.GetAsync($"{path}.xml{query}", reader)).Content.ReadAsStringAsync()).Root!;
            foreach (var name in without ?? [])
                xml.Element(name)!.Remove();
            var expectedXml = XDocument.Parse(Fill(file + ".xml")).Root!;
            Assert.Equal(Sorted(expectedXml).ToString(), Sorted(xml).ToString());
        }

        string Fill(string file) => Regex.Replace(
            File.ReadAllText(Path.Combine(ForeignProgram.Root(), "tests", "vectors", "twitter", file)),
            @"\{(root|alice|bob|first|answer|letter)\}",
            match => names[match.Groups[1].Value],
            RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(5));
    }

    private static JToken JsonOf(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        return JToken.Load(reader);
    }

    // The order of properties means nothing to any client; that of lists does.
    private static JToken Sorted(JToken token) => token switch
    {
        JObject value => new JObject(value.Properties().OrderBy(property => property.Name, StringComparer.Ordinal).Select(property => new JProperty(property.Name, Sorted(property.Value)))),
        JArray list => new JArray(list.Select(Sorted)),
        _ => token,
    };

    private static XElement Sorted(XElement element) => new(
        element.Name,
        element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration),
        element.HasElements
            ? element.Attribute("type")?.Value == "array"
                ? element.Elements().Select(Sorted)
                : element.Elements().OrderBy(child => child.Name.ToString(), StringComparer.Ordinal).Select(Sorted)
            : element.Value);
}
