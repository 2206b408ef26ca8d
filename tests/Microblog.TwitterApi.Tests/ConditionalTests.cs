using System.Net;
using System.Net.Http.Headers;

namespace Microblog.TwitterApi.Tests;

public sealed class ConditionalTests
{
    [Theory]
    [InlineData("statuses/user_timeline/alice.json")]
    [InlineData("statuses/user_timeline/alice.xml")]
    [InlineData("statuses/user_timeline/alice.rss")]
    [InlineData("statuses/user_timeline/alice.atom")]
    public async Task A_client_that_has_the_page_is_told_so_until_something_in_it_changes(string path)
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "hello");
        var first = await node.GetAsync(path);
        for (var again = 0; again < 3; again++)
        {
            var known = await AskAsync(node, path, first.Headers.ETag!);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal(first.Headers.ETag, known.Headers.ETag);
        }

        await node.Node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = "hello, all" });
        var changed = await AskAsync(node, path, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Contains("hello, all", await changed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await node.Node.DeleteAsync(alice.Id, notice.Id);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, path, changed.Headers.ETag!)).StatusCode);
    }

    [Fact]
    public async Task A_favourite_shows_at_once_to_its_owner_who_had_the_page()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "hello");
        var first = await node.GetAsync("statuses/public_timeline.json", "alice");
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(node, "statuses/public_timeline.json", first.Headers.ETag!, "alice")).StatusCode);
        await node.WriteAsync($"favorites/create/{notice.Id}.json", "alice");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "statuses/public_timeline.json", first.Headers.ETag!, "alice")).StatusCode);
    }

    [Fact]
    public async Task What_waits_above_an_open_number_is_there_as_soon_as_that_is_closed_though_nobody_wrote()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.PublishAsync(alice, "first");
        HttpResponseMessage first;
        using (node.Store.Ids.Draw())
        {
            await node.PublishAsync(alice, "second");
            first = await node.GetAsync("statuses/public_timeline.json");
            for (var again = 0; again < 3; again++)
                Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(node, "statuses/public_timeline.json", first.Headers.ETag!)).StatusCode);
        }

        var changed = await AskAsync(node, "statuses/public_timeline.json", first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Contains("second", await changed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_reader_has_is_not_what_another_would_get()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "hello");
        await node.Node.FavouriteAsync(alice.Id, notice.Id);
        var hers = await node.GetAsync("statuses/public_timeline.json", "alice");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "statuses/public_timeline.json", hers.Headers.ETag!, "bob")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(node, "statuses/public_timeline.json", hers.Headers.ETag!)).StatusCode);
        Assert.Contains("Authorization", hers.Headers.Vary);
        Assert.True(hers.Headers.CacheControl!.Private);
    }

    [Fact]
    public async Task The_time_counts_where_no_tag_is_sent_and_is_that_of_the_last_news_or_edit()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var hello = await node.PublishAsync(alice, "hello");
        var first = await node.GetAsync("statuses/public_timeline.json");
        var modified = first.Content.Headers.LastModified!.Value;
        string[] paths = ["statuses/public_timeline.json", "statuses/public_timeline.atom", $"statuses/show/{hello.Id}.json", $"statuses/show/{hello.Id}.atom"];
        foreach (var path in paths)
        {
            Assert.Equal(HttpStatusCode.NotModified, await AskAsync(path, modified));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(path, modified.AddSeconds(-1)));
        }

        node.Clock.Advance(TimeSpan.FromSeconds(1));
        await node.Node.EditAsync(alice.Id, hello.Id, new NoticeDraft { Content = "hello again" });
        foreach (var path in paths)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(path, modified));
            Assert.Equal(HttpStatusCode.NotModified, await AskAsync(path, modified.AddSeconds(1)));
        }

        async Task<HttpStatusCode> AskAsync(string path, DateTimeOffset since)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, "api/" + path));
            request.Headers.IfModifiedSince = since;
            return (await node.SendAsync(request, null)).StatusCode;
        }
    }

    [Fact]
    public async Task Limits_are_told_with_every_answer_and_whoever_uses_them_up_waits_for_the_hour()
    {
        await using var node = await ApiNode.StartAsync(api => api.RequestsPerHour = 3);
        await node.JoinAsync("alice");
        foreach (var remaining in new[] { "2", "1", "0" })
        {
            var answer = await node.GetAsync("account/verify_credentials.json", "alice");
            Assert.Equal("3", answer.Headers.GetValues("X-RateLimit-Limit").Single());
            Assert.Equal(remaining, answer.Headers.GetValues("X-RateLimit-Remaining").Single());
        }

        var refused = await node.GetAsync("account/verify_credentials.json", "alice");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        // 03:04:05 on the clock.
        Assert.Equal(TimeSpan.FromSeconds((55 * 60) + 55), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("help/test.json")).StatusCode);
        node.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("account/verify_credentials.json", "alice")).StatusCode);
    }

    private static Task<HttpResponseMessage> AskAsync(ApiNode node, string path, EntityTagHeaderValue tag, string? nickname = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, "api/" + path));
        request.Headers.IfNoneMatch.Add(tag);
        return node.SendAsync(request, nickname);
    }
}
