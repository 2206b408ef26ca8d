using System.Net;
using System.Text;
using Microblog.Http;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class ForgeryTests
{
    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("nonsense")]
    [InlineData("another person's")]
    [InlineData("another action's")]
    [InlineData("changed")]
    [InlineData("expired")]
    public async Task A_form_without_its_own_token_changes_nothing(string kind)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var good = node.Token("alice", "/notice");
        (string, string)[] token = kind switch
        {
            "missing" => [],
            "empty" => [(ForgeryTokens.Field, "")],
            "nonsense" => [(ForgeryTokens.Field, "ä\u0001%")],
            "another person's" => [(ForgeryTokens.Field, node.Token("bob", "/notice"))],
            "another action's" => [(ForgeryTokens.Field, node.Token("alice", "/notice/delete"))],
            "changed" => [(ForgeryTokens.Field, (good[0] == 'A' ? 'B' : 'A') + good[1..])],
            _ => [(ForgeryTokens.Field, good)],
        };
        if (kind == "expired")
            node.Clock.Advance(TimeSpan.FromHours(12));

        using var response = await node.PostRawAsync("/notice", "alice", [("content", "not mine"), .. token]);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain("not mine", await node.ReadAsync("/alice"), StringComparison.Ordinal);
        Assert.Empty(await node.Node.HomeAsync(alice.Id, Storage.PageRequest.Newest(1)));
    }

    [Fact]
    public async Task A_form_with_its_own_token_is_done_and_answered_by_303()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        node.Clock.Advance(TimeSpan.FromHours(1));
        using var response = await node.PostAsync("/notice", "alice", ("content", "mine"));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.StartsWith("/home#notice-", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Contains(">mine</p>", await node.ReadAsync("/home", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_form_of_the_pages_carries_a_token_that_its_address_takes()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var created = await node.PostAsync("/groups/create", "alice", ("nickname", "cats"));
        using var joined = await node.PostAsync("/groups/join", "bob", ("group", (await node.Node.FindGroupAsync("cats"))!.Id.ToString()));
        using var posted = await node.PostAsync("/notice", "alice", ("content", "hello !cats"));
        var tokens = node.Services.GetService(typeof(ForgeryTokens)) as ForgeryTokens;
        var seen = 0;
        foreach (var path in new[] { "/home", "/settings", "/subscribe", "/following", "/bob", "/alice", "/blocks", "/invitations", "/followers", "/groups/create", "/group/cats", "/group/cats/members", "/group/cats/settings" })
        {
            foreach (var form in (await node.ReadAsync(path, "alice")).Split("<form ").Skip(1))
            {
                seen++;
                Assert.True(tokens!.IsValid(Between(form, "name=\"forgery_token\" value=\"", "\""), "alice", Between(form, "action=\"", "\"")), path);
            }
        }

        Assert.True(seen >= 16, $"Only {seen} forms.");
    }

    [Theory]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task What_is_not_a_form_is_refused(string mediaType)
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/notice")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($"content=x&forgery_token={node.Token("alice", "/notice")}")),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        using var response = await node.SendAsync(request, "alice");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private static string Between(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
    }
}
