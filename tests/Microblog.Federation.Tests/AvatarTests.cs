using System.Net;
using Microblog.Media;
using Microblog.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microblog.Federation.Tests;

public sealed class AvatarTests : IAsyncLifetime
{
    private static readonly byte[] Gif = [.. "GIF89a"u8, .. Screen, .. Picture];

    // The same with a comment.
    private static readonly byte[] TellingGif = [.. "GIF89a"u8, .. Screen, 0x21, 0xFE, 6, .. "SECRET"u8, 0, .. Picture, .. "SECRET"u8];
    private static readonly byte[] WideGif = [.. "GIF89a"u8, 97, 0, 96, 0, 0, 0, 0, .. Picture];

    private static ReadOnlySpan<byte> Screen => [96, 0, 96, 0, 0, 0, 0];

    private static ReadOnlySpan<byte> Picture => [0x2C, 0, 0, 0, 0, 96, 0, 96, 0, 0, 2, 2, 0x4C, 1, 0, 0x3B];

    private readonly Uri pictures = new($"http://127.0.0.1:{TestNode.FreePort()}/");
    private WebApplication server = null!;
    private int asked;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(pictures.AbsoluteUri);
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.MapGet("/me.gif", () => Asked(Results.Bytes(TellingGif, "text/html")));
        server.MapGet("/wide.gif", () => Asked(Results.Bytes(WideGif, "image/gif")));
        server.MapGet("/page.gif", () => Asked(Results.Content("<script>alert(1)</script>", "image/gif")));
        await server.StartAsync();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    [Trait("Quirk", "Q31")]
    public async Task A_picture_of_the_right_size_is_kept_without_what_it_tells_and_served_as_what_its_header_says()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        Assert.Null((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = pictures + "me.gif" })).Problem);

        var (type, bytes) = await AvatarAsync(node, alice.Id, user: null);
        Assert.Equal("image/gif", type);
        Assert.Equal(Gif, bytes);
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = "" });
        Assert.Equal("image/png", (await AvatarAsync(node, alice.Id, user: null)).Type);
    }

    [Theory]
    [InlineData("wide.gif", "97×96")]
    [InlineData("page.gif", "no picture that is known here")]
    [InlineData("missing.gif", "404")]
    [Trait("Quirk", "Q31")]
    public async Task Any_other_picture_is_refused_with_a_reason_and_nothing_changes(string path, string reason)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var refused = await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = pictures + path, Bio = "new" });
        Assert.Contains(reason, refused.Problem, StringComparison.Ordinal);
        Assert.Equal("", (await node.Node.FindProfileAsync(alice.Id))!.Bio);
        Assert.Equal("image/png", (await AvatarAsync(node, alice.Id, user: null)).Type);
    }

    [Fact]
    [Trait("Clause", "OMB-68")]
    [Trait("Clause", "OMB-65")]
    public async Task A_remote_picture_is_fetched_once_kept_and_shown_to_its_own_listener_alone()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var bob = await here.JoinAsync("bob");
        await here.JoinAsync("carol");
        await there.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = pictures + "me.gif" });
        using var browser = new Browser("bob");
        await browser.OpenAsync(new Uri(there.BaseUri, "alice/subscribe"));
        await browser.SubmitAsync(("profile", bob.Url));
        await browser.SubmitAsync(("decision", "allow"));

        var seen = (await here.Node.ReadAsync((s, ct) => s.Subscriptions.ListPublishersAsync(bob.Id, null, 10, ct))).Single().Other;
        await Eventually.Async(() => AvatarAsync(here, seen.Id, "bob"), avatar => avatar.Type == "image/gif");
        foreach (var other in new[] { "carol", null })
        {
            using var client = new HttpClient();
            if (other is not null)
                client.DefaultRequestHeaders.Add("X-User", other);
            using var response = await client.GetAsync(new Uri(here.BaseUri, $"user/{seen.Id}/avatar"));
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        await here.Node.HomeAsync(bob.Id, PageRequest.Newest(10));
        await browser.OpenAsync(new Uri(here.BaseUri, "home"));
        Assert.DoesNotContain(pictures.Authority, browser.Html, StringComparison.Ordinal);
        Assert.Equal(1, asked);
    }

    [Fact]
    [Trait("Clause", "OMB-68")]
    [Trait("Quirk", "Q31")]
    public async Task An_uploaded_picture_goes_to_other_services_if_it_has_their_size_and_a_drawn_one_instead_of_any_other()
    {
        await using var there = await TestNode.StartAsync();
        await using var here = await TestNode.StartAsync();
        var alice = await there.JoinAsync("alice");
        var bob = await here.JoinAsync("bob");
        using var browser = new Browser("bob");
        await browser.OpenAsync(new Uri(there.BaseUri, "alice/subscribe"));
        await browser.SubmitAsync(("profile", bob.Url));
        await browser.SubmitAsync(("decision", "allow"));
        var seen = (await here.Node.ReadAsync((s, ct) => s.Subscriptions.ListPublishersAsync(bob.Id, null, 10, ct))).Single().Other;

        Assert.Null((await there.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Picture = TellingGif })).Problem);
        Assert.Equal(Gif, (await Eventually.Async(() => AvatarAsync(here, seen.Id, "bob"), avatar => avatar.Type == "image/gif")).Bytes);

        // Shown at home, and not sent.
        Assert.Null((await there.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Picture = WideGif })).Problem);
        Assert.Equal(WideGif, (await AvatarAsync(there, alice.Id, user: null)).Bytes);
        var drawn = await Eventually.Async(() => AvatarAsync(here, seen.Id, "bob"), avatar => avatar.Type == "image/png");
        await Eventually.Async(() => SaidAsync(here, seen.Id), said => said.StartsWith(there.BaseUri + $"user/{alice.Id}/avatar/96?v=", StringComparison.Ordinal));
        Assert.Equal(Microblog.Media.Identicon.Create(alice.Uri.Value), (await AvatarAsync(there, alice.Id, user: null, "/96")).Bytes);
        Assert.Equal(Microblog.Media.Avatar.Size, Microblog.Media.Avatar.Of(drawn.Bytes).Value.Width);

        Assert.Null((await there.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { AvatarUrl = "" })).Problem);
        await Eventually.Async(() => SaidAsync(here, seen.Id), said => said == there.BaseUri + $"user/{alice.Id}/avatar/96");
        Assert.Equal("image/png", (await AvatarAsync(there, alice.Id, user: null)).Type);
    }

    private static async Task<string> SaidAsync(TestNode node, ProfileId person) => (await node.Node.FindProfileAsync(person))!.AvatarUrl;

    private static async Task<(string? Type, byte[] Bytes)> AvatarAsync(TestNode node, ProfileId person, string? user, string size = "")
    {
        using var client = new HttpClient();
        if (user is not null)
            client.DefaultRequestHeaders.Add("X-User", user);
        using var response = await client.GetAsync(new Uri(node.BaseUri, $"user/{person}/avatar{size}"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        return (response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync());
    }

    private IResult Asked(IResult answer)
    {
        Interlocked.Increment(ref asked);
        return answer;
    }
}
