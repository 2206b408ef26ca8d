namespace Microblog.Browser.Tests;

/// <summary>The page that asks, against services and sites that mean ill.</summary>
[Collection(TwoNodesCollection.Name)]
public sealed class ConsentTests(TwoNodes nodes)
{
    [BrowserFact]
    [Trait("Clause", "OAUTH-44")]
    public async Task The_page_says_loudly_that_another_service_asks_than_the_persons_own()
    {
        var page = await nodes.OpenBrowserAsync(javaScript: false, width: 390);
        await page.JoinAsync(nodes.Here, "fay");
        var stranger = new StrangeService("https://asks.example/");
        await page.GotoAsync(await stranger.AuthorizationAsync(nodes.Here, "fay", "https://famous.example/mallory", "https://asks.example/done"));

        Assert.Equal("Subscribe to mallory@famous.example?", await page.HeadingAsync());
        var warning = page.GetByRole(AriaRole.Alert);
        Assert.Contains("more than one server", await warning.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(["asks.example", "famous.example", "asks.example"], await warning.Locator("dd").AllInnerTextsAsync());
        // Read before the button is reached, and in another colour than the rest.
        var (read, pressed) = (await warning.BoundingBoxAsync(), await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).BoundingBoxAsync());
        Assert.True(read!.Y + read.Height <= pressed!.Y);
        Assert.True(read.Y < 400);
        const string Colour = "e => getComputedStyle(e).backgroundColor";
        Assert.NotEqual(await page.Locator("body").EvaluateAsync<string>(Colour), await warning.EvaluateAsync<string>(Colour));
        // Nobody has proven that the page is the person's, so there is no link to it.
        Assert.Equal(0, await page.Locator("main a[href*='famous.example']").CountAsync());

        await page.GotoAsync(await stranger.AuthorizationAsync(nodes.Here, "fay", "https://asks.example/mallory", "https://elsewhere.example/done"));
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).CountAsync());
        Assert.Contains("elsewhere.example", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    [Trait("Clause", "OMB-31")]
    [Trait("Clause", "OAUTH-43")]
    public async Task Nobody_but_the_listener_can_agree_and_no_other_site_can_do_it_in_that_name()
    {
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "gina");
        await page.SignOutAsync(nodes.Here);
        await page.JoinAsync(nodes.Here, "greg");
        var question = await new StrangeService("https://asks.example/").AuthorizationAsync(
            nodes.Here, "gina", "https://asks.example/mallory", "https://asks.example/done");

        // Somebody else at this browser.
        await page.GotoAsync(question);
        Assert.Equal("You are somebody else here", await page.HeadingAsync());
        await page.SignOutAsync(nodes.Here);
        await page.GotoAsync(question);
        await page.FillInAccountAsync("gina", "Sign in");
        Assert.Equal("Subscribe to mallory@asks.example?", await page.HeadingAsync());

        // A page at another port of this host is of the same site: the browser sends it the cookies, and the form's token has to stop it.
        var inputs = string.Concat(new Uri(question).Query.TrimStart('?').Split('&').Select(pair => pair.Split('='))
            .Select(pair => $"<input name='{pair[0]}' value='{Uri.UnescapeDataString(pair[1])}'>"));
        foreach (var (site, sent) in new[] { (nodes.There.BaseUri.AbsoluteUri, "This form is not valid any more"), ("http://evil.example/", "Sign in") })
        {
            await ShowAsync(page, site + "forged", $"<form method='post' action='{nodes.Here.BaseUri}omb/authorize'>{inputs}<button name='decision' value='allow'>Win</button></form>");
            await page.PressAsync("Win");
            Assert.Equal(sent, await page.HeadingAsync());
        }

        // Nor can it be laid invisibly over something that one likes to press.
        await ShowAsync(page, nodes.There.BaseUri + "framing", $"<iframe src='{question.Replace("&", "&amp;", StringComparison.Ordinal)}'></iframe>");
        Assert.Equal(2, page.Frames.Count);
        Assert.DoesNotContain(page.Frames, frame => frame.Url.StartsWith(nodes.Here.BaseUri.AbsoluteUri, StringComparison.Ordinal));

        await page.GotoAsync(nodes.Here.BaseUri + "following");
        Assert.Contains("You follow nobody yet.", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        // The question is still open, and she is asked each time.
        await page.GotoAsync(question);
        Assert.Equal(1, await page.GetByRole(AriaRole.Button, new() { Name = "Subscribe" }).CountAsync());
    }

    [BrowserFact]
    [Trait("Clause", "OAUTH-54")]
    public async Task Only_the_browser_that_began_can_end_the_dance()
    {
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "hana");
        await page.JoinAsync(nodes.There, "hugo");
        await page.AskToFollowAsync(nodes.Here, nodes.There, "hana", "hugo");
        var callback = new TaskCompletionSource<string>();
        await page.RouteAsync("**/omb/authorize", async route =>
        {
            // She agrees, but the address to which she is sent ends up with somebody else.
            var answer = await route.FetchAsync(new() { MaxRedirects = 0 });
            callback.TrySetResult(answer.Headers["location"]);
            await route.FulfillAsync(new() { Body = "" });
        });
        await page.PressAsync("Subscribe");
        var address = await callback.Task.WaitAsync(TimeSpan.FromSeconds(15));

        var stranger = await nodes.OpenBrowserAsync();
        await stranger.GotoAsync(address);
        Assert.Equal("You are not subscribed", await stranger.HeadingAsync());
        Assert.Contains("Another browser", await stranger.Locator("main").InnerTextAsync(), StringComparison.Ordinal);

        await page.UnrouteAllAsync();
        await page.GotoAsync(address);
        Assert.Equal("You are subscribed to hugo", await page.HeadingAsync());
    }

    // Whatever stands at an address, as far as this browser can tell.
    private static async Task ShowAsync(IPage page, string address, string html)
    {
        await page.RouteAsync(address, route => route.FulfillAsync(new() { ContentType = "text/html", Body = html }));
        await page.GotoAsync(address);
    }
}
