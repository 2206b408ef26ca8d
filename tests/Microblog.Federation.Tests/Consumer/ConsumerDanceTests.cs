using System.Net;
using Microblog.AspNetCore;
using Microblog.Federation.Tests.Provider;
using Microblog.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>How somebody of another service comes to hear somebody of ours, with services of every age.</summary>
public sealed class ConsumerDanceTests
{
    [Theory]
    [InlineData(XrdsWay.Negotiated)]
    [InlineData(XrdsWay.Header)]
    [InlineData(XrdsWay.Meta)]
    [InlineData(XrdsWay.Redirect)]
    [Trait("Clause", "OMB-100")]
    [Trait("Quirk", "Q5")]
    public async Task A_listener_is_discovered_in_every_way(XrdsWay way)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { Way = way };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Equal(foreign.ProfileUrl("dora"), Assert.Single(await node.SubscribersAsync(alice)).Other.Uri.Value);
    }

    [Fact]
    public async Task A_line_that_has_many_IPv6_addresses_begins_no_more_dances_than_one_address_does()
    {
        var begun = 0;
        var here = IPAddress.Parse("2001:db8:0:1::1");
        await using var node = await TestNode.StartAsync(microblog =>
        {
            microblog.Services.AddSingleton<IStartupFilter>(new SenderAddress(() => here));
            microblog.Services.Configure<MicroblogWebOptions>(web => (web.RateLimits.Open, web.RateLimits.Page, web.RateLimits.Write) = (null, null, null));
        });
        // Nobody comes back from the consent page.
        await using var foreign = new ForeignListener { Instead = request => request.Path == "/authorize" ? ForeignAnswer.Html("Do you want to?") : null };
        await node.JoinAsync("alice");

        while (await BeginAsync())
        {
            here = IPAddress.Parse($"2001:db8:0:1::{++begun:x}");
            Assert.InRange(begun, 0, 50);
        }

        Assert.Equal(50, begun);
        here = IPAddress.Parse("2001:db8:0:2::1");
        Assert.True(await BeginAsync());

        async Task<bool> BeginAsync()
        {
            using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
            if (browser.Status != HttpStatusCode.OK)
                Assert.Contains("too many subscriptions", browser.Html, StringComparison.Ordinal);
            return browser.Status == HttpStatusCode.OK;
        }
    }

    [Fact]
    [Trait("Clause", "OMB-110")]
    [Trait("Clause", "OMB-113")]
    [Trait("Clause", "OAUTH-50")]
    [Trait("Clause", "OAUTH-51")]
    [Trait("Quirk", "Q43")]
    [Trait("Quirk", "Q50")]
    [Trait("Quirk", "Q51")]
    public async Task A_service_of_OAuth_1_0a_gets_the_callback_once_and_gives_its_verifier_back()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var begun = Assert.Single(foreign.To("/request"));
        Assert.Equal("POST", begun.Method);
        Assert.Equal(ForeignAnswer.Version, begun["omb_version"]);
        Assert.Equal(foreign.IdentifierOf("dora"), begun["omb_listener"]);
        Assert.Equal(node.BaseUri.AbsoluteUri, begun["oauth_consumer_key"]);
        Assert.StartsWith(node.BaseUri.AbsoluteUri, begun["oauth_callback"], StringComparison.Ordinal);
        // OMBr decodes the callback twice (Q51).
        Assert.DoesNotContain(begun["oauth_callback"]!, c => c is '%' or '+' or '?');
        Assert.Null(begun["oauth_token"]);

        Assert.Null(Assert.Single(foreign.To("/authorize")).InQuery("oauth_callback"));
        var exchanged = Assert.Single(foreign.To("/access"));
        Assert.Equal("v-request1", exchanged["oauth_verifier"]);
        Assert.Equal("request1", exchanged["oauth_token"]);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-51")]
    [Trait("Quirk", "Q50")]
    public async Task A_service_of_OAuth_1_0_gets_the_callback_again_at_authorization_and_needs_no_verifier()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ConfirmsCallback = false };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var callback = Assert.Single(foreign.To("/request"))["oauth_callback"];
        Assert.NotNull(callback);
        Assert.Equal(callback, Assert.Single(foreign.To("/authorize")).InQuery("oauth_callback"));
        Assert.Null(Assert.Single(foreign.To("/access"))["oauth_verifier"]);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-51")]
    public async Task A_service_that_refuses_the_callback_expressly_is_asked_once_more_without_it()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ConfirmsCallback = false, RejectsCallback = true };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal([true, false], foreign.To("/request").Select(r => r["oauth_callback"] is not null));
        Assert.NotNull(Assert.Single(foreign.To("/authorize")).InQuery("oauth_callback"));
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-51")]
    public async Task A_verifier_that_nobody_promised_is_passed_on()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            ConfirmsCallback = false,
            Returns = fields => [.. fields, new("oauth_verifier", "unasked")],
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal("unasked", Assert.Single(foreign.To("/access"))["oauth_verifier"]);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Theory]
    [InlineData("?action=omb&x=a%20b")]
    [InlineData("?")]
    [Trait("Clause", "OMB-103")]
    [Trait("Clause", "OMB-114")]
    [Trait("Clause", "OAUTH-50")]
    [Trait("Quirk", "Q11")]
    [Trait("Quirk", "Q59")]
    public async Task Endpoints_with_a_query_keep_it_and_have_it_signed(string query)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { EndpointQuery = query };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello" });
        var notice = Assert.Single(await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0));

        var own = query[1..];
        Assert.All(foreign.Requests.Where(r => r.Method == "POST"), r => Assert.Equal(own, r.Query));
        Assert.Equal("hello", notice["omb_notice_content"]);
        var authorize = Assert.Single(foreign.To("/authorize"));
        Assert.StartsWith(own.Length > 0 ? own + "&" : "oauth_", authorize.Query.TrimStart('&'), StringComparison.Ordinal);
        Assert.Equal(foreign.IdentifierOf("dora"), authorize.InQuery("omb_listener"));
    }

    [Fact]
    [Trait("Clause", "OMB-112")]
    [Trait("Clause", "OMB-114")]
    [Trait("Quirk", "Q49")]
    public async Task The_authorization_address_says_who_is_to_be_heard()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        var bio = "Läuft + schwimmt & 100% 🙂";
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges
        {
            FullName = "Alice A.", Homepage = "https://alice.example/?a=1&b=2", Bio = bio, Location = "Bern, CH",
        });

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var asked = Assert.Single(foreign.To("/authorize"));
        Assert.Equal("request1", asked.InQuery("oauth_token"));
        Assert.Equal(ForeignAnswer.Version, asked.InQuery("omb_version"));
        Assert.Equal(foreign.IdentifierOf("dora"), asked.InQuery("omb_listener"));
        Assert.Equal(alice.Uri.Value, asked.InQuery("omb_listenee"));
        Assert.Equal(node.BaseUri + "alice", asked.InQuery("omb_listenee_profile"));
        Assert.Equal("alice", asked.InQuery("omb_listenee_nickname"));
        Assert.Equal(License.CcBy40.Url, asked.InQuery("omb_listenee_license"));
        Assert.Equal("Alice A.", asked.InQuery("omb_listenee_fullname"));
        Assert.Equal("https://alice.example/?a=1&b=2", asked.InQuery("omb_listenee_homepage"));
        Assert.Equal(bio, asked.InQuery("omb_listenee_bio"));
        Assert.Equal("Bern, CH", asked.InQuery("omb_listenee_location"));
        Assert.StartsWith(node.BaseUri.AbsoluteUri, asked.InQuery("omb_listenee_avatar"), StringComparison.Ordinal);
        // Signed as well, for Laconica up to 0.7.2 demands it (Q49).
        Assert.True(ForeignSignature.IsValid(asked, foreign.Origin, "s+1&/"));
    }

    [Fact]
    [Trait("Clause", "OMB-112")]
    public async Task Of_somebody_who_says_nothing_of_himself_only_what_is_required_is_said()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(
            ["avatar", "license", "nickname", "profile"],
            Assert.Single(foreign.To("/authorize")).QueryFields.Where(f => f.Key.StartsWith("omb_listenee_", StringComparison.Ordinal)).Select(f => f.Key["omb_listenee_".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Clause", "OMB-111")]
    public async Task Every_listener_goes_through_the_dance_also_at_an_address_that_is_known()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { SharesEndpoints = true };
        var alice = await node.JoinAsync("alice");

        using var first = await foreign.SubscribeAsync(node, "alice", "dora");
        using var second = await foreign.SubscribeAsync(node, "alice", "emil");

        Assert.Equal([foreign.IdentifierOf("dora"), foreign.IdentifierOf("emil")], foreign.To("/request").Select(r => r["omb_listener"]));
        Assert.Equal(2, foreign.To("/access").Count);
        Assert.Equal(2, (await node.SubscribersAsync(alice)).Select(s => s.Subscription.Token).Distinct().Count());
    }

    [Theory]
    [InlineData("endpoint/request")]
    [InlineData("endpoint/authorize")]
    [InlineData("endpoint/access")]
    [InlineData("0.1/postNotice")]
    [InlineData("0.1/updateProfile")]
    [Trait("Clause", "OMB-102")]
    public async Task A_missing_endpoint_stops_before_anything_is_asked_for(string type)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { Xrds = xrds => xrds.Replace(type + "<", type + "X<", StringComparison.Ordinal) };
        await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.DoesNotContain(foreign.Requests, r => r.Method == "POST");
    }

    [Fact]
    [Trait("Clause", "OMB-102")]
    public async Task A_missing_identifier_stops_before_anything_is_asked_for()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { Xrds = xrds => xrds.Replace("LocalID", "OtherID", StringComparison.Ordinal) };
        await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.DoesNotContain(foreign.Requests, r => r.Method == "POST");
    }

    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task A_page_that_names_a_stranger_as_its_owner_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await using var mallory = new ForeignListener { Identifier = _ => foreign.IdentifierOf("dora") };
        var alice = await node.JoinAsync("alice");

        using var browser = await mallory.SubscribeAsync(node, "alice", "mallory");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(mallory.To("/request"));
        Assert.Empty(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OMB-106")]
    public async Task Somebody_of_this_node_is_refused_at_the_page_for_strangers()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        // Also when the address of another service leads back here.
        foreign.Instead = _ => ForeignAnswer.Redirect(302, bob.Url);

        foreach (var address in new[] { bob.Url, bob.Uri.Value, foreign.ProfileUrl("bob") })
        {
            using var browser = new Browser("bob");
            await browser.OpenAsync(new Uri(node.BaseUri, "alice/subscribe"));
            await browser.SubmitAsync(("profile", address));
            Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        }

        Assert.All(foreign.Requests, r => Assert.Equal("GET", r.Method));
    }

    [Theory]
    [InlineData("text/html; charset=iso-8859-1", "oauth_token=request1&oauth_token_secret=s%2B1%26%2F\n")]
    [InlineData("text/plain", "\r\n oauth_token=request1&xoauth_token_expires=3600&oauth_token_secret=s%2B1%26%2F&\r\n")]
    [InlineData("image/png", "oauth_token_secret=s%2B1%26%2F&oauth_token=request1&oauth_callback_confirmed=maybe&odd")]
    [Trait("Clause", "OAUTH-53")]
    [Trait("Quirk", "Q33")]
    [Trait("Quirk", "Q44")]
    [Trait("Quirk", "Q45")]
    [Trait("Quirk", "Q48")]
    public async Task Token_answers_are_taken_in_any_dress(string contentType, string body)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ConfirmsCallback = false };
        var alice = await node.JoinAsync("alice");
        foreign.Instead = r => r.Path == "/request" && foreign.Register("request1", "s+1&/", r["oauth_callback"]) ? new ForeignAnswer(200, body, contentType) : null;

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "<html><body>oauth_token=x&oauth_token_secret=y: no such user</body></html>")]
    [InlineData(200, "oauth_token=<b>x</b>&oauth_token_secret=y")]
    [InlineData(200, "oauth_token=x&oauth_token_secret=")]
    [InlineData(200, "oauth_token=&oauth_token_secret=y")]
    [InlineData(200, "oauth_token=x")]
    [InlineData(201, "oauth_token=x&oauth_token_secret=y")]
    [InlineData(302, "oauth_token=x&oauth_token_secret=y")]
    [InlineData(400, "oauth_token=x&oauth_token_secret=y")]
    [InlineData(401, "oauth_problem=moon_in_wrong_phase&oauth_problem_advice=%ff%zz")]
    [InlineData(500, "\0\u0001")]
    [Trait("Clause", "OAUTH-53")]
    [Trait("Clause", "OAUTH-63")]
    [Trait("Clause", "OMB-123")]
    [Trait("Quirk", "Q46")]
    [Trait("Quirk", "Q47")]
    [Trait("Quirk", "Q48")]
    public async Task Without_a_token_and_a_secret_nothing_is_stored(int status, string body)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");

        foreach (var step in new[] { "/request", "/access" })
        {
            foreign.Instead = r => r.Path == step ? new ForeignAnswer(status, body) : null;
            using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
            Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
            Assert.NotEmpty(foreign.To(step));
        }

        Assert.Empty(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-63")]
    public async Task What_the_other_service_names_as_its_problem_is_one_short_line_of_the_page_and_of_the_log()
    {
        var log = new CapturedLog();
        await using var node = await TestNode.StartAsync(b => b.Services.AddSingleton<ILoggerProvider>(log));
        await using var foreign = new ForeignListener();
        await node.JoinAsync("alice");
        var problem = Uri.EscapeDataString("a\u202Eb\nc" + new string('x', 5_000));
        foreign.Instead = r => r.Path == "/request" ? new ForeignAnswer(401, "oauth_problem=" + problem) : null;

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        const string said = "a b c";
        Assert.Contains(said + new string('x', 195) + "….", WebUtility.HtmlDecode(browser.Html), StringComparison.Ordinal);
        var lines = log.Lines.Where(line => line.Text.Contains(said, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.InRange(line.Text.Length, 200, 1_000));
        Assert.All(lines, line => Assert.DoesNotContain(line.Text, c => c is '\n' or '\u202E'));
    }

    [Theory]
    [InlineData("timestamp_refused")]
    [InlineData("nonce_used")]
    [Trait("Clause", "OAUTH-55")]
    public async Task A_stamp_that_is_refused_is_renewed_once_by_the_clock_of_the_other_service(string problem)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ClockError = TimeSpan.FromHours(3) };
        var alice = await node.JoinAsync("alice");
        foreign.Script("/request", new ForeignAnswer(401, "", "text/plain", $"WWW-Authenticate: OAuth realm=\"x\", oauth_problem=\"{problem}\""));

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var tries = foreign.To("/request");
        Assert.Equal(2, tries.Count);
        Assert.NotEqual(tries[0]["oauth_nonce"], tries[1]["oauth_nonce"]);
        Assert.InRange(
            long.Parse(tries[1]["oauth_timestamp"]!, System.Globalization.CultureInfo.InvariantCulture) - foreign.Clock.ToUnixTimeSeconds(), -60, 60);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OMB-124")]
    [Trait("Quirk", "Q33")]
    public async Task The_identity_is_the_discovered_one_whatever_the_callback_says()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener
        {
            Returns = fields => [.. fields, new("omb_listener", "https://victim.example/user/1"), new("omb_listener_fullname", "Not Dora")],
        };
        var alice = await node.JoinAsync("alice");

        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var subscriber = Assert.Single(await node.SubscribersAsync(alice)).Other;
        Assert.Equal(foreign.IdentifierOf("dora"), subscriber.Uri.Value);
        Assert.Equal("Not Dora", subscriber.FullName);
    }

    [Fact]
    [Trait("Clause", "OMB-125")]
    public async Task Subscribing_again_renews_the_token_and_keeps_one_subscription()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");

        using var first = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.EndpointPrefix = "/moved";
        using var second = await foreign.SubscribeAsync(node, "alice", "dora");

        var subscription = Assert.Single(await node.SubscribersAsync(alice)).Subscription;
        Assert.Equal("access4", subscription.Token);
        Assert.Equal(foreign.Origin + "/moved/dora/notice", subscription.Endpoint);
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "once" });
        var notice = Assert.Single(await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0));
        Assert.Equal("access4", notice["oauth_token"]);
        Assert.Equal("/moved/dora/notice", notice.Path);
    }

    [Fact]
    [Trait("Clause", "OMB-125")]
    [Trait("Clause", "OMB-126")]
    public async Task The_same_identifier_at_other_hosts_leaves_the_first_subscription_as_it_is()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { Identifier = _ => "tag:dora.example,2008:1" };
        await using var other = new ForeignListener { Identifier = _ => "tag:dora.example,2008:1" };
        var alice = await node.JoinAsync("alice");
        // Authorization finds the person by the identifier's last segment, which a tag does not have.
        foreign.PersonOf = other.PersonOf = _ => "dora";

        using var first = await foreign.SubscribeAsync(node, "alice", "dora");
        var before = Assert.Single(await node.SubscribersAsync(alice)).Subscription;
        using var second = await other.SubscribeAsync(node, "alice", "dora");

        var both = await node.SubscribersAsync(alice);
        Assert.Equal(2, both.Count);
        Assert.Equal(before.Token, Assert.Single(both, s => s.Subscription.Id == before.Id).Subscription.Token);
        Assert.Equal(before.Endpoint, Assert.Single(both, s => s.Subscription.Id == before.Id).Subscription.Endpoint);
    }
}
