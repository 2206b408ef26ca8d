namespace Microblog.Browser.Tests;

/// <summary>Two nodes on two ports of one host, and a browser: started once for all tests, each of which brings its own people.</summary>
public sealed class TwoNodes : IAsyncLifetime
{
    private readonly List<IBrowserContext> profiles = [];
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Where those who listen are at home.</summary>
    public NodeProcess Here { get; } = new();

    /// <summary>Where those who are listened to are at home.</summary>
    public NodeProcess There { get; } = new();

    public async Task InitializeAsync()
    {
        if (Chromium.Missing is not null)
            return;
        playwright = await Playwright.CreateAsync();
        browser = await Chromium.LaunchAsync(playwright);
        await Task.WhenAll(Here.StartAsync(), There.StartAsync());
    }

    /// <summary>A tab of a browser that has never been here: no cookies, no history.</summary>
    /// <param name="javaScript">Whether the pages' scripts would run.</param>
    /// <param name="width">Of the window; the default is a desk's, 390 a phone's.</param>
    public async Task<IPage> OpenBrowserAsync(bool javaScript = true, int width = 1280)
    {
        var profile = await browser!.NewContextAsync(new() { JavaScriptEnabled = javaScript, ViewportSize = new() { Width = width, Height = 844 } });
        profiles.Add(profile);
        profile.SetDefaultTimeout(15_000);
        return await profile.NewPageAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var profile in profiles)
            await profile.DisposeAsync();
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        await Here.DisposeAsync();
        await There.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class TwoNodesCollection : ICollectionFixture<TwoNodes>
{
    public const string Name = "two nodes";
}
