using Microblog.Media;

namespace Microblog.Browser.Tests;

[Collection(TwoNodesCollection.Name)]
public sealed class AvatarTests(TwoNodes nodes)
{
    // Larger than the node takes.
    private const string Photograph = """
        (() => { const canvas = document.createElement("canvas"); [canvas.width, canvas.height] = [3000, 2000]; canvas.getContext("2d").fillRect(9, 9, 99, 99); return canvas.toDataURL("image/jpeg").split(",")[1]; })()
        """;

    [BrowserFact]
    public async Task A_picture_of_any_size_becomes_one_that_other_services_take_before_it_is_sent()
    {
        var page = await nodes.OpenBrowserAsync();
        await page.JoinAsync(nodes.Here, "pia");
        await page.GotoAsync(nodes.Here.BaseUri + "settings");
        var photograph = Convert.FromBase64String(await page.EvaluateAsync<string>(Photograph));
        await page.GetByLabel("Another picture").SetInputFilesAsync(new FilePayload { Name = "me.jpg", MimeType = "image/jpeg", Buffer = photograph });
        await Eventually.Async(() => page.EvaluateAsync<string>("document.querySelector('#picture').files[0].type"), type => type == "image/png");
        await page.PressAsync("Save");

        var address = await page.Locator("fieldset .avatar").GetAttributeAsync("src");
        var served = await page.APIRequest.GetAsync(new Uri(nodes.Here.BaseUri, address).AbsoluteUri);
        Assert.True(Avatar.Of(await served.BodyAsync()).Value is { IsExact: true, MediaType: "image/png" });
        await page.GetByLabel("Remove my picture").CheckAsync();
        await page.PressAsync("Save");
        Assert.Equal(0, await page.GetByLabel("Remove my picture").CountAsync());
    }
}
