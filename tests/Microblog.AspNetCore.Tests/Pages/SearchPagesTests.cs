using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class SearchPagesTests
{
    [Fact]
    public async Task Notices_are_found_by_everybody_who_may_see_them()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        await node.PublishAsync(alice, "a public cafe");
        await node.PublishAsync(alice, "a private cafe", Visibility.Followers);

        var page = await node.ReadAsync("/search?q=CAF%C3%89");
        Assert.Contains("a public cafe", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a private cafe", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a private cafe", await node.ReadAsync("/search?q=CAF%C3%89", "bob"), StringComparison.Ordinal);
        Assert.Contains("a private cafe", await node.ReadAsync("/search?q=CAF%C3%89", "alice"), StringComparison.Ordinal);
        Assert.Contains("Nothing found.", await node.ReadAsync("/search?q=tea"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_pages_are_reached_by_links_until_the_end()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        for (var number = 0; number < 45; number++)
            await node.PublishAsync(alice, $"counting number{number}.");
        var found = 0;
        string? address = "/search?q=%22counting+number0%22+from%3Aalice";
        Assert.Contains("number0.", await node.ReadAsync(address), StringComparison.Ordinal);

        address = "/search?q=counting+-%23none";
        for (var pages = 0; address is not null; pages++)
        {
            Assert.True(pages < 3);
            var page = await node.ReadAsync(address);
            found += page.Split("counting number").Length - 1;
            address = page.Split("rel=\"next\" href=\"") is [_, var rest] ? WebUtility.HtmlDecode(rest[..rest.IndexOf('"', StringComparison.Ordinal)]) : null;
        }

        Assert.Equal(45, found);
    }

    [Fact]
    public async Task People_are_found_on_the_other_tab()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        await node.JoinAsync("bob");

        var page = await node.ReadAsync("/search?q=ali&for=people");
        Assert.Contains("href=\"/alice\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/bob\"", page, StringComparison.Ordinal);
        Assert.Contains("Nobody found.", await node.ReadAsync("/search?q=carol&for=people"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/search", "All words have to be there")]
    [InlineData("/search?q=", "All words have to be there")]
    [InlineData("/search?q=%20", "All words have to be there")]
    [InlineData("/search?q=-", "Write at least one word")]
    [InlineData("/search?q=since:tomorrow", "as 2026-01-31")]
    [InlineData("/search?q=%3Cscript%3E", "value=\"&lt;script&gt;\"")]
    [InlineData("/search?q=word&before=nonsense", "Nothing found.")]
    [InlineData("/search?q=word&before=99999999999999999999", "Nothing found.")]
    [InlineData("/search?q=%FF%ED%A0%80word", "Nothing found.")]
    public async Task Whatever_is_asked_gets_a_page_that_says_what_to_do(string address, string text)
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync(address);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_is_too_long_is_answered_in_words()
    {
        await using var node = await TestNode.StartAsync();

        Assert.Contains("at most 500 characters", await node.ReadAsync("/search?q=" + new string('a', 501)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_on_a_file_finds_what_was_just_published_by_itself()
    {
        var directory = Directory.CreateTempSubdirectory("microblog-");
        try
        {
            await using var node = await TestNode.StartAsync(services: services =>
            {
                services.AddSingleton(TimeProvider.System);
                new MicroblogBuilder(services).UseSqlite($"Data Source={Path.Combine(directory.FullName, "node.db")}");
            });
            var alice = await node.JoinAsync("alice");
            var notice = await node.PublishAsync(alice, "fresh news");
            await UntilAsync(node, "/search?q=fresh", "fresh news");
            await node.Node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = "stale news" });
            await UntilAsync(node, "/search?q=stale", "stale news");
            await UntilAsync(node, "/search?q=alice&for=people", "href=\"/alice\"");
            Assert.DoesNotContain("stale news", await node.ReadAsync("/search?q=fresh"), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task UntilAsync(TestNode node, string address, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await node.ReadAsync(address)).Contains(text, StringComparison.Ordinal))
            patience.Token.ThrowIfCancellationRequested();
    }
}
