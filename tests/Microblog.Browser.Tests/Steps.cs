using System.Text.RegularExpressions;

namespace Microblog.Browser.Tests;

/// <summary>What a person does at the pages, by what stands on them.</summary>
internal static class Steps
{
    public const string Password = "correct horse battery";

    /// <summary>Signs up and chooses the same nickname.</summary>
    public static async Task JoinAsync(this IPage page, NodeProcess node, string nickname)
    {
        await page.GotoAsync(node.BaseUri + "account/sign-up");
        await page.FillInAccountAsync(nickname, "Sign up");
        await page.GetByLabel("Nickname").FillAsync(nickname);
        await page.PressAsync("Create my profile");
        Assert.Equal(node.BaseUri + "home", page.Url);
    }

    public static async Task SignOutAsync(this IPage page, NodeProcess node)
    {
        await page.GotoAsync(node.BaseUri.AbsoluteUri);
        await page.PressAsync("Sign out");
    }

    public static async Task FillInAccountAsync(this IPage page, string name, string button)
    {
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByLabel(new Regex("^Password")).FillAsync(Password);
        await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
    }

    public static Task PressAsync(this IPage page, string button) =>
        page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Asks to follow somebody at the other node, from the own node, up to the page that asks whether one agrees.</summary>
    public static async Task AskToFollowAsync(this IPage page, NodeProcess here, NodeProcess there, string listener, string publisher)
    {
        await page.GotoAsync(here.BaseUri + "following");
        await page.GetByLabel(new Regex("address of somebody's page")).FillAsync(there.BaseUri + publisher);
        await page.PressAsync("Follow");
        await page.ComeFromElsewhereAsync(here, there, listener, publisher);
    }

    /// <summary>Asks to follow somebody at that person's node, up to the page that asks whether one agrees, or who one is.</summary>
    public static async Task ComeFromElsewhereAsync(this IPage page, NodeProcess here, NodeProcess there, string listener, string publisher)
    {
        if (!page.Url.StartsWith($"{there.BaseUri}{publisher}/subscribe", StringComparison.Ordinal))
            await page.GotoAsync($"{there.BaseUri}{publisher}/subscribe");
        await page.GetByLabel("The address of your page there").FillAsync(here.BaseUri + listener);
        await page.PressAsync("Go on");
    }

    public static async Task<string> HeadingAsync(this IPage page) => await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).InnerTextAsync();

    /// <summary>Presses the tabulator until the field or button of a name has the focus.</summary>
    public static async Task TabToAsync(this IPage page, string field)
    {
        for (var stops = 0; stops < 50; stops++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("document.activeElement.getAttribute('name') ?? ''") == field)
                return;
        }

        Assert.Fail($"{page.Url}: the tabulator never comes to {field}.");
    }

    /// <summary>Where the browser was sent, navigation by navigation.</summary>
    public static List<Uri> Trail(this IPage page)
    {
        var trail = new List<Uri>();
        page.Request += (_, request) =>
        {
            if (request.IsNavigationRequest)
                trail.Add(new Uri(request.Url));
        };
        return trail;
    }
}
