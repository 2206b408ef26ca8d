using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What old services made of the requests they got, and what they asked of the other side: docs/interop.md.</summary>
public sealed class HabitTests
{
    [Fact]
    [Trait("Quirk", "Q15")]
    [Trait("Quirk", "Q16")]
    [Trait("Quirk", "Q31")]
    public async Task The_address_that_introduces_a_person_leads_to_a_full_document_and_the_picture_is_there()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var introduced = Assert.Single(foreign.To("/authorize"));

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("Accept", "application/xrds+xml");
        var document = XDocument.Parse(await client.GetStringAsync(introduced.InQuery("omb_listenee_profile")));
        XNamespace xrd = "xri://$xrd*($v*2.0)";
        foreach (var type in new[] { "oauth.net/core/1.0/endpoint/request", "oauth.net/core/1.0/endpoint/authorize", "oauth.net/core/1.0/endpoint/access", "openmicroblogging.org/protocol/0.1/postNotice", "openmicroblogging.org/protocol/0.1/updateProfile" })
            Assert.Single(document.Descendants(xrd + "Type"), t => t.Value == "http://" + type);
        Assert.Equal(introduced.InQuery("omb_listenee"), Assert.Single(document.Descendants(xrd + "LocalID")).Value);

        var picture = await client.GetByteArrayAsync(introduced.InQuery("omb_listenee_avatar"));
        Assert.Equal("\u0089PNG", System.Text.Encoding.Latin1.GetString(picture[..4]));
        Assert.Equal([0, 0, 0, 96, 0, 0, 0, 96], picture[16..24]);
    }

    [Fact]
    [Trait("Quirk", "Q20")]
    [Trait("Quirk", "Q21")]
    public async Task Every_address_that_leaves_is_one_that_the_strictest_validator_takes()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Homepage = "https://bücher.example/?to=https://x.example/@a" });
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        await node.SayAsync(alice, "one");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "new" });
        await Eventually.Async(() => Task.FromResult((foreign.Notices.Count, foreign.Updates.Count)), n => n == (1, 1));

        // Scheme, host, port, path, and a query without : / ? @ $ , ;
        var plain = new Regex(@"^https?://(([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z][a-z0-9]*|[0-9.]+)(:[0-9]+)?(/[-A-Za-z0-9%._~]*)*(\?[-A-Za-z0-9%._~&=+]*)?$");
        string[] names =
        [
            "oauth_consumer_key", "omb_listenee", "omb_listenee_profile", "omb_listenee_license", "omb_listenee_homepage", "omb_listenee_avatar",
            "omb_notice", "omb_notice_url", "omb_notice_license",
        ];
        var sent = foreign.Requests.Where(r => r.Path.Split('/')[^1] is "request" or "authorize" or "notice" or "update")
            .SelectMany(r => r.Form.Concat(r.QueryFields)).Where(f => names.Contains(f.Key)).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), sent.Select(f => f.Key).Distinct().Order(StringComparer.Ordinal));
        Assert.All(sent, field => Assert.Matches(plain, field.Value));
        Assert.All(sent, field => Assert.InRange(field.Value.Length, 1, 255));
    }

    [Fact]
    [Trait("Quirk", "Q52")]
    public async Task Empty_pairs_in_the_callback_and_a_last_ampersand_mean_nothing()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ConfirmsCallback = false };
        var alice = await node.JoinAsync("alice");
        foreign.Instead = r => r.Path != "/authorize" ? null : ForeignAnswer.Redirect(
            302, $"{r.InQuery("oauth_callback")}?&oauth_token={r.InQuery("oauth_token")}&&omb_version={ForeignAnswer.Version}&omb_listener_nickname=dora&omb_listener_profile={foreign.ProfileUrl("dora")}&");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Quirk", "Q56")]
    public async Task A_service_that_refuses_a_second_subscription_was_named_and_the_first_one_stays()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var first = await foreign.SubscribeAsync(node, "alice", "dora");
        var before = Assert.Single(await node.SubscribersAsync(alice)).Subscription;
        foreign.Instead = r => r.Path == "/authorize" ? ForeignAnswer.Html("That subscription already exists!") : null;

        using var asked = new Browser(null);
        await asked.OpenAsync(new Uri(node.BaseUri, "alice/subscribe"));
        Assert.Contains("unsubscribe there first", asked.Html, StringComparison.Ordinal);
        using var second = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Contains("already exists", second.Html, StringComparison.Ordinal);
        Assert.Equal(before, Assert.Single(await node.SubscribersAsync(alice)).Subscription);
        foreign.Instead = _ => null;
        await node.SayAsync(alice, "still heard");
        Assert.Equal("access2", Assert.Single(await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0))["oauth_token"]);
    }

    [Fact]
    [Trait("Quirk", "Q86")]
    public async Task Answers_by_HTTP_1_0_on_a_connection_each_are_understood()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var old = ForeignAnswer.Ok with { Protocol = "HTTP/1.0" };
        foreign.Script("/notice", old, new ForeignAnswer(503) { Protocol = "HTTP/1.0" }, old);

        await node.SayAsync(alice, "one");
        await node.SayAsync(alice, "two");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 3);
        await node.RestAsync();

        Assert.Equal(["one", "two", "two"], foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Empty(await node.FailedAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n")]
    [Trait("Quirk", "Q79")]
    public async Task A_notice_without_content_is_refused_before_anybody_hears_of_it(string content)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.False((await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = content })).IsDone(out _, out _));
        await node.SayAsync(alice, "something");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0);
        await node.RestAsync();

        Assert.Equal("something", Assert.Single(foreign.Notices)["omb_notice_content"]);
    }
}
