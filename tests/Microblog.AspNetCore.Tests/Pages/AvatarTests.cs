using System.Buffers.Binary;
using System.Net;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class AvatarTests
{
    [Fact]
    public async Task Everybody_has_a_picture_of_the_size_that_peers_demand()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        using var response = await node.GetAsync($"/user/{alice.Id}/avatar");
        var png = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        Assert.Equal((96u, 96u), (BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(20))));
        using var other = await node.GetAsync($"/user/{bob.Id}/avatar");
        Assert.NotEqual(png, await other.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Nobody_has_none()
    {
        await using var node = await TestNode.StartAsync();
        using var response = await node.GetAsync("/user/1/avatar");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
