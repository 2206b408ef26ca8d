using System.Net;
using Microblog.Archive;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class ArchivePagesTests
{
    [Fact]
    public async Task A_person_downloads_their_data_and_nobody_elses()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        await node.PublishAsync(alice, "hush", Visibility.Followers);
        Assert.Contains("/settings/archive", await node.ReadAsync("/settings", "alice"), StringComparison.Ordinal);

        using var answer = await node.GetAsync("/settings/archive", "alice");
        var theirs = await (await node.GetAsync("/settings/archive", "bob")).Content.ReadAsByteArrayAsync();
        using var nobody = await node.GetAsync("/settings/archive");

        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("alice.zip", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var expected = new MemoryStream();
        await Archive(node).ExportAsync(alice, expected);
        var mine = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(expected.ToArray(), mine);
        Assert.True(mine.AsSpan().IndexOf("hush"u8) >= 0);
        Assert.True(theirs.AsSpan().IndexOf("hush"u8) < 0);
        Assert.NotEqual(HttpStatusCode.OK, nobody.StatusCode);
    }

    [Fact]
    public async Task Who_was_followed_elsewhere_is_listed_and_followed_again_with_one_click()
    {
        await using var old = await TestNode.StartAsync();
        var (alice, bob) = (await old.JoinAsync("alice"), await old.JoinAsync("bob"));
        await old.Node.SubscribeAsync(alice.Id, "bob");
        await old.Node.SubscribeAsync(bob.Id, "alice");
        await using var node = await TestNode.StartAsync();
        using var archive = await ExportAsync(old, bob);
        await Archive(node).ImportAsync(archive, new AccountImport("bob"));
        using var second = await ExportAsync(old, alice);
        await Archive(node).ImportAsync(second, new AccountImport("alice"));

        var page = await node.ReadAsync("/following", "alice");
        Assert.Contains("You follow nobody yet.", page, StringComparison.Ordinal);
        Assert.Contains("Follow again", page, StringComparison.Ordinal);
        Assert.Contains("Nobody follows you yet.", await node.ReadAsync("/followers", "bob"), StringComparison.Ordinal);
        Assert.Contains("Who followed you before you came here", await node.ReadAsync("/followers", "bob"), StringComparison.Ordinal);

        using var followed = await node.PostAsync("/subscribe", "alice", ("target", bob.Url));

        Assert.Equal("/following?done=active", followed.Headers.Location!.OriginalString);
        Assert.DoesNotContain("Follow again", await node.ReadAsync("/following", "alice"), StringComparison.Ordinal);
        Assert.DoesNotContain("Who followed you before", await node.ReadAsync("/followers", "bob"), StringComparison.Ordinal);
    }

    private static AccountArchive Archive(TestNode node) => node.Services.GetRequiredService<AccountArchive>();

    private static async Task<MemoryStream> ExportAsync(TestNode node, Profile person)
    {
        var stream = new MemoryStream();
        await Archive(node).ExportAsync(person, stream);
        return stream;
    }
}
