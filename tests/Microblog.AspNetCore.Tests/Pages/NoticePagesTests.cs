using System.Net;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class NoticePagesTests
{
    [Theory]
    [InlineData(Visibility.Public, true, true)]
    [InlineData(Visibility.Unlisted, true, false)]
    [InlineData(Visibility.Followers, false, false)]
    [InlineData(Visibility.Direct, false, false)]
    [Trait("Clause", "OMB-137")]
    public async Task Only_public_and_unlisted_notices_are_at_public_addresses(Visibility visibility, bool isReadable, bool isListed)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "secret #word for @bob", visibility);
        foreach (var viewer in new[] { null, "stranger" })
        {
            using var response = await node.GetAsync($"/notice/{notice.Id}", viewer);
            Assert.Equal(isReadable ? HttpStatusCode.OK : HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal(isReadable, (await response.Content.ReadAsStringAsync()).Contains("secret", StringComparison.Ordinal));
            Assert.Equal(isListed, (await node.ReadAsync("/", viewer)).Contains("secret", StringComparison.Ordinal));
            Assert.Equal(isListed, (await node.ReadAsync("/tag/word", viewer)).Contains("secret", StringComparison.Ordinal));
            Assert.Equal(isReadable, (await node.ReadAsync($"/conversation/{notice.Conversation}", viewer)).Contains("secret", StringComparison.Ordinal));
        }

        Assert.Contains("secret", await node.ReadAsync($"/notice/{notice.Id}", "alice"), StringComparison.Ordinal);
        Assert.Equal(visibility != Visibility.Followers, (await node.ReadAsync($"/notice/{notice.Id}", "bob")).Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Clause", "OMB-137")]
    public async Task A_notice_has_machine_forms_only_when_it_may_leave()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<INoticeRepresentation, TestNoticeForm>());
        var alice = await node.JoinAsync("alice");
        var open = await node.PublishAsync(alice, "open");
        var closed = await node.PublishAsync(alice, "closed", Visibility.Followers);
        var local = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "local", IsLocalOnly = true })).Value;

        using var asked = await GetAsync(node, open.Id, null, "application/test");
        Assert.Equal("open", await asked.Content.ReadAsStringAsync());
        Assert.Equal("application/test", asked.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Accept", asked.Headers.GetValues("Vary").Single());

        using var page = await GetAsync(node, open.Id, null, "text/html");
        Assert.Equal("Accept", page.Headers.GetValues("Vary").Single());
        Assert.Equal("here", page.Headers.GetValues("X-Test").Single());
        Assert.Contains("<link rel=\"alternate\" type=\"application/test\" href=\"https://notes.example/x?a=1&amp;b\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        foreach (var id in new[] { closed.Id, local.Id })
        {
            using var own = await GetAsync(node, id, "alice", "application/test");
            Assert.Equal("text/html", own.Content.Headers.ContentType!.MediaType);
            Assert.False(own.Headers.Contains("X-Test"));
            Assert.DoesNotContain("alternate", await own.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Clause", "OMB-63")]
    public async Task A_posted_text_is_kept_exactly()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        const string Text = " a+b&c=%41 %zz \n\tline two\n\n😀 עברית\u200f \"quoted\" 'x' <b> ";
        using var response = await node.PostAsync("/notice", "alice", ("content", Text.Replace("\n", "\r\n", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal(Text, (await node.Node.HomeAsync(alice.Id, PageRequest.Newest(1)))[0].Notice.Content);
    }

    [Fact]
    public async Task The_longest_notice_of_the_widest_characters_fits_into_the_form()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var longest = await node.PostAsync("/notice", "alice", ("content", string.Concat(Enumerable.Repeat("😀", 5000))));
        Assert.Equal(HttpStatusCode.SeeOther, longest.StatusCode);
        using var longer = await node.PostAsync("/notice", "alice", ("content", string.Concat(Enumerable.Repeat("😀", 5001))));
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
        Assert.Contains("at most 5000", await longer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_notice_comes_back_as_it_was_typed()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var response = await node.PostAsync(
            "/notice", "alice", ("content", "hello </textarea>"), ("seealso", "ftp://x.example/"), ("visibility", "unlisted"), ("local_only", "1"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var html = await response.Content.ReadAsStringAsync();
        Assert.Contains("hello &lt;/textarea&gt;</textarea>", html, StringComparison.Ordinal);
        Assert.Contains("value=\"ftp://x.example/\"", html, StringComparison.Ordinal);
        Assert.Contains("<option value=\"unlisted\" selected>", html, StringComparison.Ordinal);
        Assert.Contains("name=\"local_only\" value=\"1\" checked", html, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_visibility_shows_less_rather_than_more()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var response = await node.PostAsync("/notice", "alice", ("content", "hush"), ("visibility", "frends"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("hush", await node.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_stands_in_the_conversation_of_what_it_answers()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var first = await node.PublishAsync(alice, "a question");
        Assert.Contains("@alice </textarea>", await node.ReadAsync($"/notice/{first.Id}", "bob"), StringComparison.Ordinal);
        using var response = await node.PostAsync("/notice", "bob", ("content", "@alice an answer"), ("reply_to", first.Id.ToString()));
        Assert.StartsWith($"/conversation/{first.Id}#notice-", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var conversation = await node.ReadAsync($"/conversation/{first.Id}");
        Assert.Contains("a question", conversation, StringComparison.Ordinal);
        Assert.Contains("an answer", conversation, StringComparison.Ordinal);
        Assert.Contains("an answer", await node.ReadAsync("/mentions", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_author_deletes_a_notice()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "mine alone");
        using var strange = await node.PostAsync("/notice/delete", "bob", ("id", notice.Id.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, strange.StatusCode);
        Assert.Contains("mine alone", await node.ReadAsync("/"), StringComparison.Ordinal);
        using var own = await node.PostAsync("/notice/delete", "alice", ("id", notice.Id.ToString()));
        Assert.Equal("/home", own.Headers.Location!.OriginalString);
        Assert.DoesNotContain("mine alone", await node.ReadAsync("/"), StringComparison.Ordinal);
        using var gone = await node.GetAsync($"/notice/{notice.Id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Paging_back_and_forth_shows_every_notice_once()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        for (var i = 0; i < 45; i++)
            await node.PublishAsync(alice, $"number {i:00}.");
        var seen = new List<string>();
        var path = "/";
        string? last = null;
        for (; path.Length > 0; path = Follow(last, "next"))
        {
            last = await node.ReadAsync(path);
            seen.AddRange(Numbers(last));
        }

        Assert.Equal(Enumerable.Range(0, 45).Reverse().Select(i => $"{i:00}"), seen);
        var second = await node.ReadAsync(Follow(last!, "prev"));
        Assert.Equal(Enumerable.Range(5, 20).Reverse().Select(i => $"{i:00}"), Numbers(second));
        var first = await node.ReadAsync(Follow(second, "prev"));
        Assert.Equal(Enumerable.Range(25, 20).Reverse().Select(i => $"{i:00}"), Numbers(first));
        Assert.Equal("", Follow(first, "prev"));
    }

    private static IEnumerable<string> Numbers(string html) => html.Split("number ").Skip(1).Select(p => p[..2]);

    private static string Follow(string html, string rel) =>
        html.IndexOf($"rel=\"{rel}\" href=\"", StringComparison.Ordinal) is var at and >= 0 ? html[(at + 17)..html.IndexOf('"', at + 17)] : "";

    private static async Task<HttpResponseMessage> GetAsync(TestNode node, NoticeId id, string? user, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/notice/{id}");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await node.SendAsync(request, user);
    }

    private sealed class TestNoticeForm : INoticeRepresentation
    {
        public bool IsPreferred(string accept) => accept == "application/test";

        public ValueTask<NodeResponse> RenderAsync(TimelineEntry notice, CancellationToken cancellationToken) =>
            new(NodeResponse.Bytes(200, "application/test", System.Text.Encoding.UTF8.GetBytes(notice.Notice.Content)));

        public IEnumerable<KeyValuePair<string, string>> Headers(TimelineEntry notice) => [new("X-Test", "here")];

        public IEnumerable<HeadElement> HeadElements(TimelineEntry notice) =>
            [new HeadElement.Link("alternate", "application/test", "https://notes.example/x?a=1&b")];
    }
}
