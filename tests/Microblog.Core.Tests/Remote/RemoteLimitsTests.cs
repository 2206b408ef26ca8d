using System.IO.Compression;
using System.Text;
using Microblog.Remote;
using Microblog.Testing;
using static Microblog.Tests.Remote.RemoteClientTests;

namespace Microblog.Tests.Remote;

[Trait("Clause", "OMB-105")]
public sealed class RemoteLimitsTests
{
    private const string ChunkedOk = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

    [Fact]
    public async Task A_body_of_100_MB_is_refused_after_the_limit()
    {
        long sent = 0;
        await using var server = new RawServer(async (_, stream, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray(), ct);
            for (var chunk = new byte[65536]; sent < 100_000_000; sent += chunk.Length)
                await stream.WriteAsync(chunk, ct);
        });
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.TooLarge);
        Assert.True(sent < 50_000_000, "the peer could send nearly everything");
    }

    [Fact]
    public async Task A_stated_length_beyond_the_limit_is_refused_before_the_body()
    {
        await using var server = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n");
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.TooLarge);
    }

    [Fact]
    public async Task The_limit_itself_is_allowed()
    {
        await using var server = new RawServer(RawServer.Ok(new string('a', 2048)));
        using var client = Open();
        Assert.IsType<RemoteResult.Answered>(await client.SendAsync(RemoteRequest.Get(server.Uri) with { MaxBytes = 2048 }, default));
        await FailsAsync(client, RemoteRequest.Get(server.Uri) with { MaxBytes = 2047 }, RemoteFailure.TooLarge);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_bomb_is_measured_unpacked(string encoding)
    {
        var packed = Pack(new byte[50_000_000], encoding);
        Assert.True(packed.Length < 100_000);
        await using var server = Binary($"{ChunkedOk}Content-Encoding: {encoding}\r\nContent-Length: {packed.Length}\r\n\r\n", packed);
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.TooLarge);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_body_arrives_unpacked_and_a_broken_one_is_a_protocol_failure(string encoding)
    {
        var packed = Pack(Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 500))), encoding);
        var head = $"{ChunkedOk}Content-Encoding: {encoding}\r\nContent-Length: {packed.Length}\r\n\r\n";
        using var client = Open();
        await using (var server = Binary(head, packed))
        {
            var answer = Assert.IsType<RemoteResult.Answered>(await client.SendAsync(RemoteRequest.Get(server.Uri), default));
            Assert.EndsWith("498 499", Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
        }

        Array.Fill(packed, (byte)0xEE, packed.Length / 4, packed.Length / 4);
        packed[0] = 0xFF;
        await using (var server = Binary(head, packed))
            await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.Protocol);
    }

    [Fact]
    public async Task A_body_that_drips_forever_is_cut_off_when_the_time_is_up()
    {
        var clock = new FakeTimeProvider();
        await using var server = new RawServer(async (_, stream, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), ct);
            while (true)
            {
                // Each byte comes a second after the one before; no single wait is long.
                await stream.WriteAsync("a"u8.ToArray(), ct);
                await Task.Yield();
                clock.Advance(TimeSpan.FromSeconds(1));
            }
        });
        using var client = Open(clock: clock);
        await FailsAsync(client, RemoteRequest.Get(server.Uri) with { MaxBytes = int.MaxValue }, RemoteFailure.TimedOut);
    }

    [Fact]
    public async Task A_peer_that_never_answers_is_left_when_the_time_is_up()
    {
        var clock = new FakeTimeProvider();
        await using var server = new RawServer((_, _, ct) =>
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            return Task.Delay(Timeout.Infinite, ct);
        });
        using var client = Open(clock: clock);
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.TimedOut);
    }

    [Fact]
    public async Task Header_bombs_are_refused()
    {
        await using var one = new RawServer($"HTTP/1.1 200 OK\r\nX-Long: {new string('a', 100_000)}\r\n\r\n");
        await using var many = new RawServer(
            "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: {i}\r\n")) + "\r\n");
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(one.Uri), RemoteFailure.TooLarge);
        await FailsAsync(client, RemoteRequest.Get(many.Uri), RemoteFailure.TooLarge);
    }

    [Theory]
    [InlineData("", RemoteFailure.ConnectionFailed)]
    [InlineData("220 smtp.example ready\r\n", RemoteFailure.Protocol)]
    [InlineData("HTTP/1.1 banana\r\n\r\n", RemoteFailure.Protocol)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", RemoteFailure.ConnectionFailed)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", RemoteFailure.Protocol)]
    public async Task What_is_not_http_is_a_failure_and_not_an_exception(string answer, RemoteFailure reason)
    {
        await using var server = new RawServer(answer);
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), reason);
    }

    [Fact]
    public async Task A_budget_counts_redirects_and_bytes_of_all_its_requests()
    {
        await using var loop = new RawServer(RawServer.Redirect("/"));
        await using var page = new RawServer(RawServer.Ok("12345"));
        using var client = Open();

        var budget = new FetchBudget(requests: 3, bytes: 1000);
        await FailsAsync(client, RemoteRequest.Get(loop.Uri) with { Budget = budget }, RemoteFailure.BudgetSpent);
        Assert.Equal(3, loop.Requests.Count);

        budget = new FetchBudget(requests: 10, bytes: 9);
        Assert.IsType<RemoteResult.Answered>(await client.SendAsync(RemoteRequest.Get(page.Uri) with { Budget = budget }, default));
        Assert.Equal((9, 4), (budget.RequestsLeft, budget.BytesLeft));
        await FailsAsync(client, RemoteRequest.Get(page.Uri) with { Budget = budget }, RemoteFailure.BudgetSpent);
    }

    private static RawServer Binary(string head, byte[] body) => new(async (_, stream, ct) =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), ct);
        await stream.WriteAsync(body, ct);
    });

    private static byte[] Pack(byte[] plain, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Optimal),
            "br" => new BrotliStream(packed, CompressionLevel.Optimal),
            _ => new ZLibStream(packed, CompressionLevel.Optimal),
        })
            packer.Write(plain);
        return packed.ToArray();
    }
}
