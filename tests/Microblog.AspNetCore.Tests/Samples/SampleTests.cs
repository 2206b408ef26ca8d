using System.Net;

namespace Microblog.AspNetCore.Tests.Samples;

public sealed class SampleTests
{
    [Fact]
    public async Task An_existing_site_gets_a_node_and_nobody_a_profile_before_opting_in()
    {
        await using var site = await SampleProcess.StartAsync("ExistingSite", address => ["--site", address.AbsoluteUri]);

        // The site is as it was.
        Assert.Contains("pancakes", await site.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("about recipes", await site.ReadAsync("/about"), StringComparison.Ordinal);
        Assert.Contains("Public timeline", await site.ReadAsync("/notes"), StringComparison.Ordinal);

        // Its users sign in as they did, and have no profile.
        using var asked = await site.Client.GetAsync("/notes/home");
        Assert.Contains("/sign-in?ReturnUrl=%2Fnotes%2Fhome", asked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var signedIn = await site.SubmitAsync("/sign-in", "/sign-in", ("name", "anna"), ("password", "password of anna"));
        Assert.Equal("/", signedIn.Headers.Location!.OriginalString);
        using var nobody = await site.Client.GetAsync("/notes/anna");
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        using var home = await site.Client.GetAsync("/notes/home");
        Assert.Equal("/notes/join", home.Headers.Location!.OriginalString);

        // Until they say so.
        using var joined = await site.SubmitAsync("/notes/join", "/notes/join", ("nickname", "anna"));
        Assert.Equal("/notes/home", joined.Headers.Location!.OriginalString);
        using var posted = await site.SubmitAsync("/notes/home", "/notes/notice", ("content", "Pancakes again"));
        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.Contains("Pancakes again", await site.ReadAsync("/notes/anna"), StringComparison.Ordinal);

        // And what the site itself publishes for them is there with its own row.
        using var recipe = await site.SubmitAsync("/", "/recipes", ("title", "Waffles"));
        Assert.Equal("/", recipe.Headers.Location!.OriginalString);
        Assert.Contains("<li>Waffles</li>", await site.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("New recipe: Waffles", await site.ReadAsync("/notes/anna"), StringComparison.Ordinal);
        Assert.Contains("about recipes", await site.ReadAsync("/about"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_little_node_can_be_used_from_sign_up_to_sign_out()
    {
        await using var node = await SampleProcess.StartAsync("Node", _ => ["--data", "some.db"]);
        using var signedUp = await node.SubmitAsync("/account/sign-up", "/account/sign-up", ("name", "Dora"), ("password", "long enough"));
        Assert.Equal("/home", signedUp.Headers.Location!.OriginalString);
        var cookie = signedUp.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("node-session-", StringComparison.Ordinal));
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);

        using var joined = await node.SubmitAsync("/join", "/join", ("nickname", "dora"));
        Assert.Equal("/home", joined.Headers.Location!.OriginalString);
        using var posted = await node.SubmitAsync("/home", "/notice", ("content", "Hello"));
        Assert.Contains("Hello", await node.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("Delivery queue", await node.ReadAsync("/queue"), StringComparison.Ordinal);
        Assert.Equal("Healthy", await node.ReadAsync("/health"));

        using var signedOut = await node.Client.PostAsync("/account/sign-out", null);
        using var home = await node.Client.GetAsync("/home");
        Assert.Contains("/account/sign-in?return=%2Fhome", home.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var wrong = await node.SubmitAsync("/account/sign-in", "/account/sign-in", ("name", "Dora"), ("password", "not this one"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var right = await node.SubmitAsync("/account/sign-in?return=//evil.example/", "/account/sign-in", ("name", "dora"), ("password", "long enough"));
        Assert.Equal("/home", right.Headers.Location!.OriginalString);
    }
}
