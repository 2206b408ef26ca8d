using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class BodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(EchoRoutes.BodyLimit)]
    public async Task A_body_up_to_the_limit_arrives_whole(int length)
    {
        await using var node = await TestNode.StartAsync();
        var body = new string('x', length);
        foreach (var isChunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/activity/a") { Content = new StringContent(body) };
            request.Headers.TransferEncodingChunked = isChunked;
            using var response = await node.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.EndsWith("body=" + body, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_that_comes_in_pieces_arrives_whole()
    {
        await using var node = await TestNode.StartAsync();
        using var socket = await RawHttp.ConnectAsync(node.Port);
        socket.NoDelay = true;
        foreach (var piece in new[] { "POST /activity/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Le", "ngth: 12\r\n\r\nab", "cdef", "ghijkl" })
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(piece));
            await Task.Yield();
        }

        Assert.EndsWith("body=abcdefghijkl", await RawHttp.ReadToEndAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_said_to_be_too_large_is_refused_before_it_comes()
    {
        await using var node = await TestNode.StartAsync();
        // Nothing follows the header; an answer proves that nothing was waited for.
        var answer = await RawHttp.SendAsync(
            node.Port, $"POST /activity/a HTTP/1.1\r\nHost: a\r\nContent-Length: {EchoRoutes.BodyLimit + 1}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_byte_more_than_the_limit_is_too_many(bool isChunked)
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/activity/a") { Content = new StringContent(new string('x', EchoRoutes.BodyLimit + 1)) };
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await node.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_hundred_megabytes_in_chunks_are_refused_long_before_their_end()
    {
        await using var node = await TestNode.StartAsync();
        using var socket = await RawHttp.ConnectAsync(node.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes("POST /activity/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var answer = RawHttp.ReadToEndAsync(socket);
        var chunk = Encoding.Latin1.GetBytes("10000\r\n" + new string('x', 0x10000) + "\r\n");
        var sent = 0L;
        try
        {
            for (; sent < 100_000_000; sent += chunk.Length)
                await socket.SendAsync(chunk);
        }
        catch (SocketException)
        {
            // Closed on us, as it should be.
        }

        Assert.StartsWith("HTTP/1.1 413", await answer, StringComparison.Ordinal);
        Assert.True(sent < 20_000_000, $"{sent} bytes were taken.");
    }

    [Fact]
    public async Task A_body_that_never_ends_is_given_up()
    {
        await using var node = await TestNode.StartAsync(web: o => o.BodyTimeout = TimeSpan.FromMilliseconds(200));
        var answer = await RawHttp.SendAsync(node.Port, "POST /activity/a HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        // Ours, not the server's own limit for bodies that hardly move.
        Assert.EndsWith("The body took too long.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_a_body_is_not_a_part_of_it()
    {
        await using var node = await TestNode.StartAsync();
        var answer = await RawHttp.SendAsync(
            node.Port,
            "POST /activity/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /activity/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Contains("POST https://notes.example /activity/a user= body=abcHTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("GET https://notes.example /activity/b user= body=", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", 415)]
    [InlineData("deflate, gzip", 415)]
    [InlineData("identity", 200)]
    public async Task A_compressed_body_is_refused_unread(string encoding, int status)
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/activity/a") { Content = new StringContent("abc") };
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await node.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("Content-Length: -1")]
    [InlineData("Content-Length: 3\r\nContent-Length: 4")]
    [InlineData("Transfer-Encoding: gzip")]
    public async Task A_length_that_makes_no_sense_is_a_bad_request(string header)
    {
        await using var node = await TestNode.StartAsync();
        var answer = await RawHttp.SendAsync(node.Port, $"POST /activity/a HTTP/1.1\r\nHost: a\r\n{header}\r\nConnection: close\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunk_that_makes_no_sense_is_a_bad_request()
    {
        await using var node = await TestNode.StartAsync();
        var answer = await RawHttp.SendAsync(
            node.Port, "POST /activity/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nabc");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }
}
