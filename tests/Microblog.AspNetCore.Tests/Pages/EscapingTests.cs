using Microblog.Pages;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class EscapingTests
{
    private const string Script = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;";

    [Fact]
    [Trait("Clause", "OMB-39")]
    public async Task Script_in_what_people_here_write_stays_text()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var saved = await node.PostAsync("/settings", "alice", ("fullname", Script), ("bio", Script), ("location", Script));
        Assert.Equal(303, (int)saved.StatusCode);
        using var written = await node.PostAsync("/notice", "alice", ("content", Script + " #x\"><script> https://e.example/\"><script>alert(1)</script> @bob<script>"));
        using var followed = await node.PostAsync("/subscribe", "alice", ("target", "bob"));
        using var created = await node.PostAsync("/groups/create", "alice", ("nickname", "cats"), ("fullname", Script), ("description", Script), ("location", Script));
        Assert.Equal(303, (int)created.StatusCode);
        using var grouped = await node.PostAsync("/notice", "alice", ("content", Script + " !cats\"><script>"));
        using var refusedGroup = await node.PostAsync("/groups/create", "alice", ("nickname", Script), ("fullname", Script), ("description", Script), ("aliases", Script), ("homepage", Script));
        AssertHarmless(await refusedGroup.Content.ReadAsStringAsync(), "refused group");
        foreach (var path in new[] { "/groups", "/group/cats", "/group/cats/members", "/group/cats/settings", "/groups/mine" })
            AssertHarmless(await node.ReadAsync(path, "alice"), path);
        var notice = (await node.Node.HomeAsync(alice.Id, PageRequest.Newest(1)))[0].Notice;
        foreach (var path in new[] { "/", "/home", "/alice", "/mentions", "/followers", $"/notice/{notice.Id}", $"/conversation/{notice.Id}", "/tag/x", "/tag/%22%3E%3Cscript%3E" })
            AssertHarmless(await node.ReadAsync(path, "bob"), path);
        foreach (var path in new[] { "/home", "/settings", "/subscribe?target=" + Uri.EscapeDataString(Script), "/following?done=" + Uri.EscapeDataString(Script) })
            AssertHarmless(await node.ReadAsync(path, "alice"), path);
        using var refused = await node.PostAsync("/subscribe", "alice", ("target", Script));
        AssertHarmless(await refused.Content.ReadAsStringAsync(), "refusal");
    }

    [Fact]
    [Trait("Clause", "OMB-39")]
    [Trait("Clause", "OMB-68")]
    public async Task Script_in_every_field_of_a_remote_person_stays_text_and_only_http_is_linked()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var (bob, notice) = await ReceiveAsync(node, alice);
        foreach (var path in new[] { "/home", "/following", "/mentions", $"/user/{bob}", $"/notice/{notice}", $"/conversation/{notice}" })
        {
            var html = await node.ReadAsync(path, "alice");
            AssertHarmless(html, path);
            Assert.DoesNotContain("href=\"javascript:", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("evil.example/avatar", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task What_a_subscription_brought_is_for_its_listener_alone()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("carol");
        var (bob, notice) = await ReceiveAsync(node, alice);
        foreach (var viewer in new[] { null, "carol" })
        {
            foreach (var path in new[] { $"/user/{bob}", $"/notice/{notice}", $"/conversation/{notice}" })
            {
                using var response = await node.GetAsync(path, viewer);
                Assert.Equal(404, (int)response.StatusCode);
            }
        }

        using var own = await node.GetAsync($"/user/{bob}", "alice");
        Assert.Equal(200, (int)own.StatusCode);
    }

    [Fact]
    [Trait("Clause", "OMB-42")]
    public async Task A_remote_person_is_shown_with_the_host_and_not_linked_there_unproven()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var (bob, _) = await ReceiveAsync(node, alice, plain: true);
        var home = await node.ReadAsync("/home", "alice");
        Assert.Contains("bob@good.example", home, StringComparison.Ordinal);
        var page = await node.ReadAsync($"/user/{bob}", "alice");
        Assert.Contains("https://good.example/bob", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"https://good.example/bob\"", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-66")]
    public async Task A_mention_in_a_remote_notice_never_links_a_namesake_here()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await ReceiveAsync(node, alice, plain: true);
        var home = await node.ReadAsync("/home", "alice");
        Assert.Contains("@carol and <a href=\"/alice\">@alice@notes.example</a>", home, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-39")]
    public async Task Script_in_a_request_for_consent_stays_text()
    {
        await using var node = await TestNode.StartAsync();
        var renderer = node.Services.GetRequiredService<IPageRenderer>();
        var frame = await node.Services.GetRequiredService<PageFrames>().ForAsync(null, default);
        Page[] pages =
        [
            new ConsentPage
            {
                ConsumerKey = Script,
                ConsumerHost = Script,
                IdentifierHost = Script,
                CallbackHost = Script,
                HostsDiffer = true,
                ForgeryToken = Script,
                Action = "/x",
                Fields = [new(Script, Script)],
                Listenee = new ConsentListenee
                {
                    Nickname = Script,
                    Address = Script,
                    FullName = Script,
                    Bio = Script,
                    Location = Script,
                    Homepage = "javascript:alert(1)",
                    ProfileUrl = "javascript:alert(1)",
                    IsProfileUrlProven = true,
                    License = "javascript:alert(1)",
                },
            },
            new OutOfBandPage(Script, Script),
            new MessagePage(Script, Script, 400),
        ];
        foreach (var page in pages)
        {
            var html = await renderer.RenderAsync(page with { Frame = frame, Head = [new HeadElement.Link(Script, Script, Script), new HeadElement.HttpEquiv(Script, Script)] }, default);
            AssertHarmless(html, page.GetType().Name);
            Assert.DoesNotContain("href=\"javascript:", html, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static void AssertHarmless(string html, string where)
    {
        // The node's own, word for word; whatever people write may add none.
        html = System.Text.RegularExpressions.Regex.Replace(html, "<script type=\"module\" src=\"/js/(live|picture)\\.js\\?v=[0-9a-f]{12}\"></script>", "");
        Assert.False(html.Contains("<script", StringComparison.OrdinalIgnoreCase), $"A script on {where}");
        Assert.False(html.Contains("<img src=x", StringComparison.OrdinalIgnoreCase), $"A picture on {where}");
        Assert.False(html.Contains("\"'>", StringComparison.Ordinal), $"An attribute left early on {where}");
    }

    private static async Task<(ProfileId Person, NoticeId Notice)> ReceiveAsync(TestNode node, Profile listener, bool plain = false)
    {
        using var id = node.Store.Ids.Draw();
        using var noticeId = node.Store.Ids.Draw();
        using var subscriptionId = node.Store.Ids.Draw();
        var scope = subscriptionId.Subscription;
        var person = await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                var saved = await session.Profiles.SaveRemoteAsync(
                    new Profile
                    {
                        Id = id.Profile,
                        Uri = ProfileUri.Parse("https://good.example/user/1"),
                        Nickname = plain ? "bob" : Script,
                        Url = plain ? "https://good.example/bob" : "javascript:alert(1)",
                        IsLocal = false,
                        Host = plain ? "good.example" : Script,
                        FullName = plain ? "" : Script,
                        Bio = plain ? "" : Script,
                        Location = plain ? "" : Script,
                        Homepage = plain ? "" : "javascript:alert(1)",
                        AvatarUrl = "https://evil.example/avatar",
                        License = plain ? License.CcBy40.Url : "javascript:alert(1)",
                        Scope = scope,
                    },
                    ct);
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = scope,
                        Subscriber = listener.Id,
                        Publisher = saved,
                        State = SubscriptionState.Active,
                        Protocol = "test",
                        IsSubscriberLocal = true,
                        CreatedAt = node.Clock.GetUtcNow(),
                    },
                    ct);
                var notice = new Notice
                {
                    Id = noticeId.Notice,
                    Uri = NoticeUri.Parse("https://good.example/notice/1"),
                    Url = plain ? "https://good.example/notice/1" : "javascript:alert(1)",
                    Author = saved,
                    Content = plain ? "@carol and @alice@notes.example" : Script + " #a\"><script> @alice@notes.example\"><script>",
                    License = plain ? License.CcBy40.Url : "javascript:alert(1)",
                    IsRemote = true,
                    Scope = scope,
                    Conversation = noticeId.Notice,
                    Mentions = [listener.Id],
                    SeeAlso = new SeeAlso(plain ? "https://good.example/more" : "javascript:alert(1)"),
                };
                await session.Notices.ReceiveAsync([new(notice, listener.Id)], ct);
                return saved;
            },
            default);
        return (person, noticeId.Notice);
    }
}
