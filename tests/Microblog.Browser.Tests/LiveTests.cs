namespace Microblog.Browser.Tests;

/// <summary>What an open page does when something new comes.</summary>
[Collection(TwoNodesCollection.Name)]
public sealed class LiveTests(TwoNodes nodes)
{
    private static readonly LocatorAssertionsToHaveTextOptions Patient = new() { Timeout = 30_000 };

    [BrowserFact]
    public async Task What_comes_waits_behind_a_button_and_is_put_in_as_it_was_written_when_asked()
    {
        var writer = await nodes.OpenBrowserAsync();
        await writer.JoinAsync(nodes.Here, "livia");
        var page = await nodes.OpenBrowserAsync();
        await page.GotoAsync(nodes.Here.BaseUri.AbsoluteUri);
        await WriteAsync(writer, "<b>fresh</b> & warm");
        await WriteAsync(writer, "and another one");

        await Assertions.Expect(Button(page)).ToHaveTextAsync("2 new notices", Patient);
        Assert.Equal(0, await page.GetByText("fresh").CountAsync());
        await Button(page).ClickAsync();

        Assert.Contains("and another one", await page.Locator("ol.notices > li").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("<b>fresh</b> & warm", await page.Locator("ol.notices > li").Nth(1).InnerTextAsync(), StringComparison.Ordinal);
        await Assertions.Expect(Button(page)).ToBeHiddenAsync();
        // Whoever uses the keyboard goes on there.
        Assert.Contains("and another one", await page.EvaluateAsync<string>("document.activeElement.innerText"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task What_was_put_in_can_be_made_a_favourite_like_what_was_there()
    {
        var writer = await nodes.OpenBrowserAsync();
        await writer.JoinAsync(nodes.Here, "lukas");
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "lotte");
        await page.GotoAsync(nodes.Here.BaseUri + "lukas");
        await page.PressAsync("Follow");
        await page.GotoAsync(nodes.Here.BaseUri + "home");
        await WriteAsync(writer, "a good one");

        await Assertions.Expect(Button(page)).ToHaveTextAsync("1 new notice", Patient);
        await Button(page).ClickAsync();
        await page.Locator("ol.notices > li").First.GetByRole(AriaRole.Button, new() { Name = "Favourite" }).ClickAsync();

        await page.GotoAsync(nodes.Here.BaseUri + "lotte/favourites");
        Assert.Contains("a good one", await page.Locator("ol.notices").InnerTextAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_page_that_stayed_open_while_the_node_was_killed_misses_nothing()
    {
        var writer = await nodes.OpenBrowserAsync();
        await writer.JoinAsync(nodes.Here, "lydia");
        var page = await nodes.OpenBrowserAsync();
        await page.GotoAsync(nodes.Here.BaseUri.AbsoluteUri);
        await WriteAsync(writer, "before");
        await Assertions.Expect(Button(page)).ToHaveTextAsync("1 new notice", Patient);

        await nodes.Here.KillAsync();
        await nodes.Here.StartAsync();
        await WriteAsync(writer, "after");

        await Assertions.Expect(Button(page)).ToHaveTextAsync("2 new notices", Patient);
    }

    [BrowserFact]
    public async Task Whoever_looks_at_what_they_are_told_learns_that_there_is_more()
    {
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "laura");
        await page.GotoAsync(nodes.Here.BaseUri + "notifications");
        var writer = await nodes.OpenBrowserAsync();
        await writer.JoinAsync(nodes.Here, "leo");
        await WriteAsync(writer, "@laura look here");

        await Assertions.Expect(Button(page)).ToHaveTextAsync("New notifications: load the page anew", Patient);
        await Button(page).ClickAsync();

        await Assertions.Expect(page.Locator("ol.notices")).ToContainTextAsync("look here");
    }

    private static ILocator Button(IPage page) => page.Locator(".live button");

    private async Task WriteAsync(IPage page, string text)
    {
        await page.GotoAsync(nodes.Here.BaseUri + "home");
        await page.GetByLabel("What are you doing?").FillAsync(text);
        await page.PressAsync("Post");
    }
}
