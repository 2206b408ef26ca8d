using System.Net;
using Microblog.Http;
using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class ProfilePagesTests
{
    [Fact]
    public async Task An_identifier_leads_to_the_page_of_its_person()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/");
        var alice = await node.JoinAsync("alice");
        using var response = await node.GetAsync($"/notes/user/{alice.Id}");
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("/notes/alice", response.Headers.Location!.OriginalString);
        Assert.Equal("Accept", response.Headers.GetValues("Vary").Single());
    }

    [Theory]
    [InlineData("/nobody")]
    [InlineData("/user/1")]
    [InlineData("/user/x")]
    [InlineData("/user/99999999999999999999")]
    [InlineData("/user/-1")]
    [Trait("Clause", "OMB-11")]
    public async Task Somebody_unknown_is_404(string path)
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Somebody_who_has_left_is_410_at_both_addresses()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        Assert.True(await node.Node.LeaveAsync(alice.Id));
        using var page = await node.GetAsync("/alice");
        using var identifier = await node.GetAsync($"/user/{alice.Id}");
        Assert.Equal(HttpStatusCode.Gone, page.StatusCode);
        Assert.Equal(HttpStatusCode.Gone, identifier.StatusCode);
    }

    [Fact]
    public async Task A_profile_offers_the_machine_forms_of_the_protocols()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<IProfileRepresentation, TestProfileForm>());
        await node.JoinAsync("alice");

        using var page = await node.GetAsync("/alice");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal("https://notes.example/x", page.Headers.GetValues("X-Test").Single());
        Assert.Equal("Accept", page.Headers.GetValues("Vary").Single());
        Assert.Contains("<meta http-equiv=\"X-Test\" content=\"https://notes.example/x\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://notes.example/remote\"", html, StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/alice");
        request.Headers.TryAddWithoutValidation("Accept", "application/test");
        using var machine = await node.SendAsync(request);
        Assert.Equal("alice", await machine.Content.ReadAsStringAsync());
        Assert.Equal("Accept", machine.Headers.GetValues("Vary").Single());
    }

    [Fact]
    public async Task A_profile_says_what_is_counted_and_leads_its_own_person_to_those_who_are()
    {
        await using var node = await TestNode.StartAsync("https://site.example/notes/");
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(alice, "one");
        await node.PublishAsync(alice, "two", Visibility.Followers);
        await node.Node.SubscribeAsync(bob.Id, "alice");
        await node.Node.FavouriteAsync(bob.Id, notice.Id);

        Assert.Equal("2 notices · 1 follower · follows 0 · <a href=\"/notes/alice/favourites\">0 favourites</a>", await FiguresAsync("alice", null));
        Assert.Equal("0 notices · 0 followers · follows 1 · <a href=\"/notes/bob/favourites\">1 favourite</a>", await FiguresAsync("bob", "alice"));
        Assert.Equal(
            "0 notices · <a href=\"/notes/followers\">0 followers</a> · <a href=\"/notes/following\">follows 1</a> · <a href=\"/notes/bob/favourites\">1 favourite</a>",
            await FiguresAsync("bob", "bob"));
        Assert.Equal(new ProfileCounts(2, 1, 0, 0), await node.Node.CountsAsync(alice.Id));

        async Task<string> FiguresAsync(string nickname, string? viewer)
        {
            var html = WebUtility.HtmlDecode(await node.ReadAsync("/notes/" + nickname, viewer));
            var start = html.IndexOf("<p class=\"hint\">", StringComparison.Ordinal);
            return string.Join(' ', html[(start + 16)..html.IndexOf("</p>", start, StringComparison.Ordinal)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task A_nickname_in_capitals_leads_to_its_page()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var response = await node.GetAsync("/Alice");
        Assert.Equal("/alice", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Saving_the_settings_changes_the_page_and_a_refusal_changes_nothing()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var saved = await node.PostAsync(
            "/settings", "alice", ("fullname", "Alice A."), ("bio", "one\r\ntwo"), ("location", "Here"), ("homepage", "https://a.example/"),
            ("license", License.CcBySa40.Url), ("approves_followers", "1"));
        Assert.Equal("/settings?saved=1", saved.Headers.Location!.OriginalString);
        var alice = (await node.Node.FindLocalAsync("alice"))!;
        Assert.Equal(("Alice A.", "one\ntwo", "Here", "https://a.example/"), (alice.FullName, alice.Bio, alice.Location, alice.Homepage));
        Assert.Equal((License.CcBySa40.Url, true), (alice.License, alice.ApprovesFollowers));

        foreach (var (name, value) in new[] { ("homepage", "javascript:alert(1)"), ("license", "x"), ("bio", new string('x', 140)), ("fullname", new string('x', 256)) })
        {
            using var refused = await node.PostAsync("/settings", "alice", ("location", "Elsewhere"), (name, value));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains($"value=\"Elsewhere\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(alice, await node.Node.FindLocalAsync("alice"));
    }

    private sealed class TestProfileForm : IProfileRepresentation
    {
        public bool IsPreferred(string accept) => accept == "application/test";

        public ValueTask<NodeResponse> RenderAsync(Profile profile, CancellationToken cancellationToken) =>
            new(NodeResponse.Bytes(200, "application/test", System.Text.Encoding.UTF8.GetBytes(profile.Nickname)));

        public IEnumerable<KeyValuePair<string, string>> Headers(Profile profile) => [new("X-Test", "https://notes.example/x")];

        public IEnumerable<HeadElement> HeadElements(Profile profile) => [new HeadElement.HttpEquiv("X-Test", "https://notes.example/x")];

        public string? SubscribeUrl(Profile profile) => "https://notes.example/remote";
    }
}
