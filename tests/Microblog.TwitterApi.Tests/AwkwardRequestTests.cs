
namespace Microblog.TwitterApi.Tests;

/// <summary>Requests that no client makes by chance.</summary>
public sealed class AwkwardRequestTests
{
    [Theory]
    [InlineData("\uFEFFd bob secret")]
    [InlineData("\u200Bd bob secret")]
    [InlineData("d\u200B bob secret")]
    [InlineData("d\u200Bbob secret")]
    [InlineData("d\u00A0bob\u2003secret")]
    [InlineData("d\r\nbob\r\nsecret")]
    [InlineData("\u0001d bob secret")]
    [InlineData("\u2060DM bob secret")]
    [InlineData("d\u00ADm bob secret")]
    [InlineData("d\uFE0F bob secret")]
    [InlineData("\uFF44 bob secret")]
    [InlineData("\uFF24\uFF2D bob secret")]
    [InlineData("\U000E0001d bob secret")]
    [InlineData("&#100; bob secret")]
    [InlineData("&#x200B;d bob secret")]
    [InlineData("d&nbsp;bob&nbsp;secret")]
    [InlineData("\u2800\u3164d bob secret")]
    public async Task However_a_letter_is_spelt_it_is_not_published(string text) // §9
    {
        await using var node = await StartAsync();
        using var answer = await node.PostAsync("statuses/update.json", "alice", ("status", text));
        Assert.Empty(await node.ReadAsync("statuses/user_timeline.json", "alice"));
        foreach (var letter in await node.ReadAsync("direct_messages.json", "bob"))
            Assert.Equal("secret", (string?)letter["text"]);
    }

    [Theory]
    [InlineData("dmitri bob said")]
    [InlineData("d")]
    [InlineData("D: bob said")]
    [InlineData("what d bob said")]
    public async Task What_is_no_letter_is_published(string text)
    {
        await using var node = await StartAsync();
        await node.WriteAsync("statuses/update.json", "alice", ("status", text));
        Assert.Equal(text, (string?)Assert.Single(await node.ReadAsync("statuses/user_timeline.json", "alice"))["text"]);
    }

    private static async Task<ApiNode> StartAsync()
    {
        var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        return node;
    }
}
