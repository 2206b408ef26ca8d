namespace Microblog.Browser.Tests;

[Collection(TwoNodesCollection.Name)]
public sealed class InvitationTests(TwoNodes nodes)
{
    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_opens_an_invitation_signs_up_chooses_a_nickname_and_follows_the_inviter(bool hasScripts)
    {
        var (inviter, guest) = hasScripts ? ("ivy", "gus") : ("ida", "gil");
        var host = await nodes.OpenBrowserAsync();
        await host.JoinAsync(nodes.Here, inviter);
        await host.GotoAsync(nodes.Here.BaseUri + "invitations");
        await host.GetByLabel("Follow whoever joins").CheckAsync();
        await host.PressAsync("Make a link");
        var link = await host.GetByLabel("Your invitation").InputValueAsync();

        var page = await nodes.OpenBrowserAsync(javaScript: hasScripts);
        await page.GotoAsync(link);
        Assert.Contains(inviter + " invites you", await page.HeadingAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Join", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).Last.ClickAsync();
        await page.FillInAccountAsync(guest, "Sign up");
        Assert.Contains("By the invitation of " + inviter, await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByLabel("Nickname").FillAsync(guest);
        await page.PressAsync("Create my profile");
        await page.GotoAsync(nodes.Here.BaseUri + "following");
        Assert.Contains(inviter, await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await host.GotoAsync(nodes.Here.BaseUri + "following");
        Assert.Contains(guest, await host.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }
}
