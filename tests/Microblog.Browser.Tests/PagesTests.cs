using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;

namespace Microblog.Browser.Tests;

/// <summary>What holds for every page, filled with what makes pages burst.</summary>
[Collection(TwoNodesCollection.Name)]
public sealed class PagesTests(TwoNodes nodes)
{
    private const string Unlabelled = """
        [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
          .filter(e => ![...e.labels].some(l => l.textContent.trim())).map(e => e.outerHTML)
        """;

    private const string Nameless = """
        [...document.querySelectorAll("button:not([hidden]), main a, nav, [role=region]")]
          .filter(e => !(e.textContent.trim() || e.getAttribute("aria-label"))).map(e => e.outerHTML)
        """;

    private const string Twice = """
        [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)
        """;

    // What sticks out to the right, unless it can be scrolled by itself.
    private const string Wide = """
        document.documentElement.scrollWidth <= innerWidth ? []
          : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll")).map(e => e.outerHTML.slice(0, 200))
        """;

    [BrowserFact]
    public async Task No_page_is_wider_than_a_phone_and_every_field_has_a_label()
    {
        var nickname = "iris" + new string('i', 60);
        var author = await nodes.OpenBrowserAsync();
        await author.JoinAsync(nodes.There, "igor" + new string('o', 60));
        await FillAsync(author, nodes.There, new string('W', 255), "https://igor.example/" + new string('o', 200));
        await author.GotoAsync(nodes.There.BaseUri + "followers");

        var page = await nodes.OpenBrowserAsync(width: 320);
        await page.GotoAsync(nodes.Here.BaseUri + "account/sign-in");
        await CheckAsync(page);
        await page.GotoAsync(nodes.Here.BaseUri + "account/sign-up");
        await CheckAsync(page);
        await page.FillInAccountAsync(nickname, "Sign up");
        await CheckAsync(page);
        await page.GetByLabel("Nickname").FillAsync(nickname);
        await page.PressAsync("Create my profile");
        await FillAsync(page, nodes.Here, "Iris " + new string('r', 250), "https://iris.example/" + new string('i', 200));
        await CheckAsync(page);

        // The dance, with the names of both.
        await page.GotoAsync($"{nodes.Here.BaseUri}subscribe?target={new string('t', 300)}");
        await CheckAsync(page);
        await page.GotoAsync(nodes.There.BaseUri + "igor" + new string('o', 60));
        await CheckAsync(page);
        await page.AskToFollowAsync(nodes.Here, nodes.There, nickname, "igor" + new string('o', 60));
        await CheckAsync(page);
        await page.PressAsync("Subscribe");
        await CheckAsync(page);
        await page.GotoAsync(await new StrangeService("https://" + new string('a', 60) + ".example/").AuthorizationAsync(
            nodes.Here, nickname, "https://famous.example/" + new string('m', 300), "https://" + new string('a', 60) + ".example/done"));
        await CheckAsync(page);

        await WriteAsync(author, nodes.There, new string('M', 5_000));
        await WriteAsync(page, nodes.Here, $"@{nickname} #{new string('t', 60)} https://example.org/{new string('l', 300)} {new string('x', 900)}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Reply" }).First.ClickAsync();
        await CheckAsync(page);
        var notice = new Uri(page.Url).AbsolutePath;
        await ReactAsync(page, nodes.Here, nickname, notice);
        await Eventually.Async(() => nodes.Here.HeardAsync(nickname), heard => heard.Count > 0);
        string[] paths =
        [
            "/", "/home", "/mentions", "/" + nickname, notice, notice.Replace("notice", "conversation", StringComparison.Ordinal), "/tag/" + new string('t', 60),
            notice + "/edit", notice + "/history", "/notifications", "/direct", "/" + nickname + "/favourites", "/groups", "/groups/create", "/group/nothing",
            "/following", "/followers", "/blocks", "/invitations", "/invitation/nothing", "/settings", "/settings/contacts", "/settings/applications", "/settings/passwords", "/search", "/queue", "/operator/checks", "/operator/refusals",
            "/operator/reports", "/operator/reports/1", "/operator/people?person=" + nickname, "/operator/domains", "/operator/audit", "/operator/policies",
            "/subscribe", "/" + nickname + "/subscribe", "/nothing/here",
        ];
        foreach (var path in paths)
        {
            await page.GotoAsync(new Uri(nodes.Here.BaseUri, path).AbsoluteUri);
            await CheckAsync(page);
        }

        await page.GotoAsync(nodes.Here.BaseUri + "invitations");
        await page.PressAsync("Make a link");
        await CheckAsync(page);
        await page.GotoAsync(await page.GetByLabel("Your invitation").InputValueAsync());
        await CheckAsync(page);
        await BringContactsAsync(page, nodes.Here, nickname);
        await LetInAsync(page, nodes.Here);
        await page.GotoAsync(nodes.Here.BaseUri + "home");
        await page.Locator(".person").Filter(new() { HasText = "igor" }).First.ClickAsync();
        await CheckAsync(page);
    }

    // An application with all it may say, let in by a number, and a password.
    private static async Task LetInAsync(IPage page, NodeProcess node)
    {
        await page.GotoAsync(node.BaseUri + "settings/applications");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(new string('N', 64));
        await page.GetByLabel("What it is for").FillAsync(new string('D', 280));
        await page.GetByLabel("Homepage").FillAsync($"https://{new string('h', 60)}.{new string('h', 60)}.example/{new string('p', 300)}");
        await page.GetByLabel("Callback").FillAsync($"https://{new string('c', 60)}.{new string('c', 60)}.example/{new string('p', 300)}");
        await page.GetByLabel("It writes too").CheckAsync();
        await page.PressAsync("Register");
        await CheckAsync(page);
        var application = new StrangeApplication(
            await page.GetByLabel("Consumer key").InputValueAsync(), await page.GetByLabel("Consumer secret").InputValueAsync());
        await page.PressAsync("Save");
        await CheckAsync(page);
        await page.GotoAsync(await application.AuthorizationAsync(node, ""));
        await CheckAsync(page);
        var question = await application.AuthorizationAsync(node, "oob");
        await page.GotoAsync(question + "&mode=desktop");
        await CheckAsync(page);
        await page.PressAsync("Let it in");
        Assert.Equal(8, (await page.Locator("#oauth_pin").InnerTextAsync()).Length);
        await CheckAsync(page);
        await page.GotoAsync(question);
        await CheckAsync(page);
        await page.GotoAsync(node.BaseUri + "settings/applications");
        await CheckAsync(page);
        await page.GotoAsync(node.BaseUri + "settings/passwords");
        await page.GetByLabel("What it is for").FillAsync(new string('P', 64));
        await page.PressAsync("Make a password");
        await CheckAsync(page);
    }

    // Somebody who likes, repeats, answers and writes directly, so that there is something to tell.
    private async Task ReactAsync(IPage page, NodeProcess node, string nickname, string notice)
    {
        var friend = await nodes.OpenBrowserAsync();
        await friend.JoinAsync(node, "fred" + new string('f', 60));
        await friend.GotoAsync(new Uri(node.BaseUri, nickname).AbsoluteUri);
        await friend.PressAsync("Follow");
        foreach (var button in new[] { "Favourite", "Repeat" })
        {
            await friend.GotoAsync(new Uri(node.BaseUri, notice).AbsoluteUri);
            await friend.GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();
        }

        await ModerateAsync(page, friend, node, notice);
        await WriteAsync(friend, node, $"@{nickname} {new string('n', 300)}");
        await page.GotoAsync(new Uri(node.BaseUri, notice + "/edit").AbsoluteUri);
        await page.GetByText("Add a warning").ClickAsync();
        await page.GetByLabel("What stands in front of it").FillAsync(new string('w', 400));
        await page.PressAsync("Save");
        Assert.Equal(notice, new Uri(page.Url).AbsolutePath);
        await CheckAsync(page);
    }

    // Somebody to tick, somebody elsewhere, and of every other kind.
    private async Task BringContactsAsync(IPage page, NodeProcess node, string nickname)
    {
        await (await nodes.OpenBrowserAsync()).JoinAsync(node, "hugo" + new string('h', 60));
        await page.GotoAsync(node.BaseUri + "settings/contacts");
        await page.GetByLabel(new Regex("^One address a line")).FillAsync("<html>");
        await page.PressAsync("Look them up");
        await CheckAsync(page);
        await page.GetByLabel(new Regex("^One address a line")).FillAsync($"""
            Account,Name
            {nickname},
            hugo{new string('h', 60)},
            {new string('n', 60)},{new string('N', 200)}
            https://{new string('a', 60)}.example/{new string('b', 300)},{new string('W', 200)}
            https://{new string('a', 60)}.example/{new string('c', 300)},
            {nodes.There.BaseUri}igor{new string('o', 60)},Igor
            x@{new string('d', 60)}.example,
            !,
            """);
        await page.PressAsync("Look them up");
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
        await CheckAsync(page);
        await page.PressAsync("Follow those ticked");
        await CheckAsync(page);
    }

    // A report, and a rule for a domain.
    private async Task ModerateAsync(IPage page, IPage friend, NodeProcess node, string notice)
    {
        await friend.GotoAsync(new Uri(node.BaseUri, notice).AbsoluteUri);
        await friend.GetByRole(AriaRole.Link, new() { Name = "Report" }).First.ClickAsync();
        await friend.GetByLabel("What is wrong?").FillAsync(new string('r', 500));
        await CheckAsync(friend);
        await friend.PressAsync("Report");
        await page.GotoAsync(node.BaseUri + "operator/domains");
        await page.Locator("#domain").FillAsync(new string('d', 60) + ".example");
        await page.Locator("button.primary").ClickAsync();
        await CheckAsync(page);
    }

    private static async Task FillAsync(IPage page, NodeProcess node, string name, string homepage)
    {
        await page.GotoAsync(node.BaseUri + "settings");
        await page.GetByLabel("Full name").FillAsync(name);
        await page.GetByLabel("Bio").FillAsync(new string('b', 139));
        await page.GetByLabel("Location").FillAsync(new string('l', 254));
        await page.GetByLabel("Homepage").FillAsync(homepage);
        await page.PressAsync("Save");
        Assert.Contains("Saved", await page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);
    }

    private static async Task WriteAsync(IPage page, NodeProcess node, string text)
    {
        await page.GotoAsync(node.BaseUri + "home");
        await page.GetByLabel("What are you doing?").FillAsync(text);
        await page.PressAsync("Post");
    }

    private static async Task CheckAsync(IPage page)
    {
        foreach (var (wrong, script) in new[] { ("without a label", Unlabelled), ("without a name", Nameless), ("an id used twice", Twice), ("too wide", Wide) })
        {
            var found = await page.EvaluateAsync<string[]>(script);
            Assert.True(found.Length == 0, $"{page.Url}: {wrong}: {string.Join(", ", found)}");
        }

        var axe = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } });
        Assert.True(axe.Violations.Length == 0, $"{page.Url}: {string.Join("; ", axe.Violations.Select(found => $"{found.Help}: {found.Nodes[0].Html}"))}");
        if (Environment.GetEnvironmentVariable("MICROBLOG_SCREENSHOTS") is { Length: > 0 } album)
            await PictureAsync(page, album);
        Assert.Equal(1, await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).CountAsync());
        Assert.Equal("en", await page.Locator("html").GetAttributeAsync("lang"));
    }

    // For people to look at; named by what they show.
    private static async Task PictureAsync(IPage page, string album)
    {
        var name = string.Concat(new Uri(page.Url).AbsolutePath.Trim('/').Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        foreach (var width in new[] { 320, 1280 })
        {
            await page.SetViewportSizeAsync(width, 844);
            await page.ScreenshotAsync(new() { Path = Path.Combine(album, $"{(name.Length > 40 ? name[..40] : name)}-{width}.png"), FullPage = true });
        }

        await page.SetViewportSizeAsync(320, 844);
    }
}
