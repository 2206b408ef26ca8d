using System.Text;
using System.Text.RegularExpressions;

namespace Microblog.Browser.Tests;

[Collection(TwoNodesCollection.Name)]
public sealed class ContactTests(TwoNodes nodes)
{
    [BrowserTheory]
    [InlineData("uma", true)]
    [InlineData("una", false)]
    public async Task A_person_chooses_from_a_list_whom_to_follow_here_and_goes_on_elsewhere(string name, bool hasScripts)
    {
        var (friend, stranger, publisher) = (name + "friend", name + "stranger", name + "there");
        foreach (var (node, nickname) in new[] { (nodes.Here, friend), (nodes.Here, stranger), (nodes.There, publisher) })
            await (await nodes.OpenBrowserAsync()).JoinAsync(node, nickname);
        var page = await nodes.OpenBrowserAsync(hasScripts, width: 390);
        await page.JoinAsync(nodes.Here, name);
        await page.GotoAsync(nodes.Here.BaseUri + "settings");
        await page.GetByRole(AriaRole.Link, new() { Name = "Your contacts" }).ClickAsync();
        await page.GetByLabel(new Regex("^Or a file")).SetInputFilesAsync(new FilePayload
        {
            Name = "list.txt", MimeType = "application/octet-stream", Buffer = Encoding.UTF8.GetBytes($"{friend}\n{stranger}\n{nodes.There.BaseUri}{publisher}\n"),
        });
        await page.PressAsync("Look them up");

        // Elsewhere in a page of its own, so that the list stays.
        var opened = await page.Context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex(publisher) }).ClickAsync());
        await opened.ComeFromElsewhereAsync(nodes.Here, nodes.There, name, publisher);
        Assert.Equal($"Subscribe to {publisher}@{nodes.There.BaseUri.Authority}?", await opened.HeadingAsync());
        await opened.PressAsync("Subscribe");
        Assert.Equal($"You are subscribed to {publisher}", await opened.HeadingAsync());

        await page.GetByLabel("Follow " + stranger).UncheckAsync();
        await page.PressAsync("Follow those ticked");

        Assert.Equal("You follow 1 person more now.", await page.GetByRole(AriaRole.Status).InnerTextAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Whom you follow" }).ClickAsync();
        var following = await page.Locator("main").InnerTextAsync();
        Assert.Contains(friend, following, StringComparison.Ordinal);
        Assert.Contains(publisher, following, StringComparison.Ordinal);
        Assert.DoesNotContain(stranger, following, StringComparison.Ordinal);

        // What leaves by the same page knows both, and the second time there is nothing to tick but whom they did not want.
        await page.GotoAsync(nodes.Here.BaseUri + "settings/contacts");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("CSV") }).ClickAsync());
        Assert.Equal(name + "-following.csv", download.SuggestedFilename);
        var file = await File.ReadAllBytesAsync(await download.PathAsync());
        await page.GetByLabel(new Regex("^One address a line")).FillAsync(Encoding.UTF8.GetString(file));
        await page.PressAsync("Look them up");
        Assert.Equal("You follow them already (2)", await page.Locator("summary").InnerTextAsync());
        Assert.Equal(0, await page.GetByRole(AriaRole.Checkbox).CountAsync());
    }
}
