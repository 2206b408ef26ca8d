using System.Net;

namespace Microblog.Browser.Tests;

/// <summary>The dance as people see it: both nodes in one browser, where they share the host and so the jar of cookies.</summary>
[Collection(TwoNodesCollection.Name)]
public sealed class DanceTests(TwoNodes nodes)
{
    private const string Awkward = "1 + 1 = 2 & 100 % of a;b#c?\n<b>not bold</b> \"quoted\" 'too' %41 &amp; שלום مرحبا 🙂 e\u0301  .";

    [BrowserTheory]
    [InlineData("ada", true)]
    [InlineData("ann", false)]
    [Trait("Clause", "OMB-33")]
    [Trait("Clause", "OMB-63")]
    public async Task A_person_here_subscribes_to_one_there_and_reads_what_that_one_writes(string name, bool javaScript)
    {
        var (listener, publisher) = (name + "here", name + "there");
        var page = await nodes.OpenBrowserAsync(javaScript);
        await page.JoinAsync(nodes.Here, listener);
        await page.JoinAsync(nodes.There, publisher);
        await page.AskToFollowAsync(nodes.Here, nodes.There, listener, publisher);

        // Nobody had to sign in again, so the second node's cookies left the first one's alone.
        Assert.Equal($"Subscribe to {publisher}@{nodes.There.BaseUri.Authority}?", await page.HeadingAsync());
        var main = await page.Locator("main").InnerTextAsync();
        Assert.Contains($"{nodes.There.BaseUri.Authority} asks to send you", main, StringComparison.Ordinal);
        Assert.Contains("CC BY 4.0", main, StringComparison.Ordinal);
        Assert.Equal(0, await page.GetByRole(AriaRole.Alert).CountAsync());

        var trail = page.Trail();
        await page.PressAsync("Subscribe");
        Assert.Equal($"You are subscribed to {publisher}", await page.HeadingAsync());
        var callback = trail.Single(address => address.AbsolutePath.StartsWith("/omb/callback/", StringComparison.Ordinal));
        var added = callback.Query.TrimStart('?').Split('&').Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));
        Assert.Equal(nodes.There.BaseUri.Authority, callback.Authority);
        Assert.NotEmpty(added["oauth_token"]);
        Assert.Equal("http://openmicroblogging.org/protocol/0.1", added["omb_version"]);
        Assert.Equal(listener, added["omb_listener_nickname"]);
        Assert.Equal(nodes.Here.BaseUri + listener, added["omb_listener_profile"]);

        await page.GotoAsync(nodes.There.BaseUri + "home");
        await page.GetByLabel("What are you doing?").FillAsync(Awkward);
        await page.PressAsync("Post");
        Assert.Equal([Awkward], await page.Locator(".text").AllTextContentsAsync());

        await Eventually.Async(() => nodes.Here.HeardAsync(listener), heard => heard.Count > 0);
        Assert.Equal([Awkward], await nodes.Here.HeardAsync(listener));
        await page.GotoAsync(nodes.Here.BaseUri + "home");
        Assert.Equal([Awkward], await page.Locator(".text").AllTextContentsAsync());
        Assert.Contains($"{publisher}@{nodes.There.BaseUri.Authority}", await page.Locator(".notice header").InnerTextAsync(), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("bea", true)]
    [InlineData("ben", false)]
    [Trait("Clause", "OMB-36")]
    public async Task Whoever_says_no_is_sent_back_without_a_token_and_cannot_be_asked_by_it_again(string name, bool javaScript)
    {
        var (listener, publisher) = (name + "here", name + "there");
        var page = await nodes.OpenBrowserAsync(javaScript);
        await page.JoinAsync(nodes.Here, listener);
        await page.JoinAsync(nodes.There, publisher);
        await page.AskToFollowAsync(nodes.Here, nodes.There, listener, publisher);
        var question = page.Url;

        var trail = page.Trail();
        await page.PressAsync("No, thanks");
        Assert.Equal("You are not subscribed", await page.HeadingAsync());
        var callback = trail.Single(address => address.AbsolutePath.StartsWith("/omb/callback/", StringComparison.Ordinal));
        Assert.DoesNotContain("oauth_token", callback.Query, StringComparison.Ordinal);

        await page.GotoAsync(question);
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).CountAsync());
        await page.GotoAsync(nodes.Here.BaseUri + "following");
        Assert.Contains("You follow nobody yet.", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await page.GotoAsync(nodes.There.BaseUri + "followers");
        Assert.Contains("Nobody follows you yet.", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("cleo", true)]
    [InlineData("carl", false)]
    public async Task Whoever_is_not_signed_in_is_asked_to_and_comes_back_to_the_question(string name, bool javaScript)
    {
        var (listener, publisher) = (name + "here", name + "there");
        var page = await nodes.OpenBrowserAsync(javaScript);
        await page.JoinAsync(nodes.Here, listener);
        await page.JoinAsync(nodes.There, publisher);
        await page.SignOutAsync(nodes.Here);
        await page.ComeFromElsewhereAsync(nodes.Here, nodes.There, listener, publisher);
        Assert.Equal("Sign in", await page.HeadingAsync());

        await page.FillInAccountAsync(listener, "Sign in");
        Assert.Equal($"Subscribe to {publisher}@{nodes.There.BaseUri.Authority}?", await page.HeadingAsync());

        // Signed out in another tab, while the question is on the screen.
        var other = await page.Context.NewPageAsync();
        await other.SignOutAsync(nodes.Here);
        await page.PressAsync("Subscribe");
        Assert.Equal("Sign in", await page.HeadingAsync());
        await page.FillInAccountAsync(listener, "Sign in");
        await page.PressAsync("Subscribe");
        Assert.Equal($"You are subscribed to {publisher}", await page.HeadingAsync());
    }

    [BrowserFact]
    public async Task The_whole_dance_can_be_done_by_keyboard_alone()
    {
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "doraher");
        await page.JoinAsync(nodes.There, "dirkthere");
        await page.GotoAsync(nodes.There.BaseUri + "dirkthere/subscribe");
        await page.TabToAsync("profile");
        await page.Keyboard.TypeAsync(nodes.Here.BaseUri + "doraher");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(nodes.Here.BaseUri + "omb/authorize?**");

        // The first stop of every page leads past the navigation.
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to content", await page.Locator(":focus").InnerTextAsync());
        Assert.True(await page.Locator(":focus").IsVisibleAsync());
        await page.TabToAsync("decision");
        Assert.Equal("Subscribe", await page.Locator(":focus").InnerTextAsync());
        var outline = await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle");
        Assert.Equal("solid", outline);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(nodes.There.BaseUri + "omb/callback/**");
        Assert.Equal("You are subscribed to dirkthere", await page.HeadingAsync());
    }

    [BrowserFact]
    public async Task Each_nodes_cookies_have_names_of_their_own_and_are_hidden_from_scripts()
    {
        var names = new List<string>();
        foreach (var (node, other) in new[] { (nodes.Here, nodes.There), (nodes.There, nodes.Here) })
        {
            var page = await nodes.OpenBrowserAsync();
            await page.JoinAsync(node, "emil" + names.Count);
            await page.GotoAsync(node.BaseUri + "emil" + names.Count + "/subscribe");
            var cookies = await page.Context.CookiesAsync();
            Assert.NotEmpty(cookies);
            Assert.All(cookies, cookie => Assert.True(cookie.HttpOnly, cookie.Name));
            Assert.All(cookies, cookie => Assert.Contains(cookie.SameSite, new[] { SameSiteAttribute.Lax, SameSiteAttribute.Strict }));
            names.AddRange(cookies.Select(cookie => cookie.Name));

            // The other node gets them too, and takes nobody for signed in.
            await page.GotoAsync(other.BaseUri.AbsoluteUri);
            Assert.Equal(1, await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).CountAsync());
        }

        Assert.Equal(names.Count, names.Distinct().Count());
    }
}
