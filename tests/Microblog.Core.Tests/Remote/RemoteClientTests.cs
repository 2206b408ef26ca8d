using System.Net;
using System.Text;
using Microblog.Remote;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Remote;

public sealed class RemoteClientTests
{
    [Fact]
    public async Task An_answer_comes_back_with_status_type_headers_and_body()
    {
        await using var server = new RawServer(RawServer.Ok("hello", "Content-Type: Text/Plain; charset=\r\nX-Some: thing\r\n"
            + "Date: Sun, 01 Mar 2026 12:00:00 GMT\r\nRetry-After: 120\r\n"));
        using var client = Open();
        var answer = Assert.IsType<RemoteResult.Answered>(await client.SendAsync(
            RemoteRequest.Get(new Uri(server.Uri, "/a?b=%2F#part"), "application/xrds+xml, text/html;q=0.3"), default));

        Assert.Equal(200, answer.Status);
        Assert.Equal("text/plain", answer.MediaType);
        Assert.Equal("thing", answer.Header("x-some"));
        Assert.Equal("hello", Encoding.UTF8.GetString(answer.Body.Span));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), answer.Date);
        Assert.Equal(TimeSpan.FromMinutes(2), answer.RetryAfter);
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("GET /a?b=%2F HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept: application/xrds+xml, text/html;q=0.3\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("traceparent", request, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_redirect_is_followed_and_the_final_address_told()
    {
        await using var server = new RawServer((head, stream, ct) => stream.WriteAsync(Encoding.Latin1.GetBytes(
            head.StartsWith("GET /there", StringComparison.Ordinal) ? RawServer.Ok("here") : RawServer.Redirect("/there?x=1")), ct).AsTask());
        using var client = Open();
        var answer = Assert.IsType<RemoteResult.Answered>(await client.SendAsync(RemoteRequest.Get(server.Uri), default));
        Assert.Equal(new Uri(server.Uri, "/there?x=1"), answer.FinalUri);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    [Trait("Clause", "OMB-136")]
    public async Task A_post_is_never_redirected(int status)
    {
        await using var server = new RawServer(RawServer.Redirect("/there", status));
        using var client = Open();
        var result = await client.SendAsync(RemoteRequest.PostForm(server.Uri, "a=b"u8.ToArray()), default);
        Assert.Equal(status, Assert.IsType<RemoteResult.Answered>(result).Status);
        var request = Assert.Single(server.Requests);
        Assert.Contains("Content-Type: application/x-www-form-urlencoded\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_no_redirects_allowed_the_redirect_is_the_answer()
    {
        await using var server = new RawServer(RawServer.Redirect("/there"));
        using var client = Open();
        var result = await client.SendAsync(RemoteRequest.Get(server.Uri) with { MaxRedirects = 0 }, default);
        Assert.Equal(302, Assert.IsType<RemoteResult.Answered>(result).Status);
    }

    [Fact]
    public async Task A_redirect_loop_ends_after_the_limit()
    {
        await using var server = new RawServer(RawServer.Redirect("/"));
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.TooManyRedirects);
        Assert.Equal(6, server.Requests.Count);
    }

    [Theory]
    [Trait("Clause", "OMB-105")]
    [InlineData("http://169.254.169.254/latest/meta-data/", RemoteFailure.ForbiddenAddress)]
    [InlineData("http://10.0.0.1/", RemoteFailure.ForbiddenAddress)]
    [InlineData("http://[::ffff:10.0.0.1]/", RemoteFailure.ForbiddenAddress)]
    [InlineData("http://0/", RemoteFailure.ForbiddenAddress)]
    [InlineData("file:///etc/passwd", RemoteFailure.Scheme)]
    [InlineData("gopher://example.net/", RemoteFailure.Scheme)]
    [InlineData("javascript:alert(1)", RemoteFailure.Scheme)]
    [InlineData("http://", RemoteFailure.BadRedirect)]
    [InlineData("http://exa mple/", RemoteFailure.BadRedirect)]
    public async Task A_redirect_to_a_forbidden_place_is_not_followed(string location, RemoteFailure reason)
    {
        await using var server = new RawServer(RawServer.Redirect(location));
        using var client = Open();
        await FailsAsync(client, RemoteRequest.Get(server.Uri), reason);
    }

    [Fact]
    [Trait("Clause", "OMB-105")]
    public async Task Loopback_is_closed_unless_opened()
    {
        await using var server = new RawServer(RawServer.Ok("secret"));
        using var client = Open(new RemoteOptions());
        await FailsAsync(client, RemoteRequest.Get(server.Uri), RemoteFailure.ForbiddenAddress);
        await FailsAsync(client, RemoteRequest.Get(new Uri($"http://localhost:{server.Port}/")), RemoteFailure.ForbiddenAddress);
        Assert.Empty(server.Requests);
    }

    [Fact]
    [Trait("Clause", "OMB-105")]
    public async Task A_name_that_turns_private_at_the_second_look_up_is_refused_then()
    {
        var lookups = 0;
        await using var server = new RawServer(RawServer.Redirect("/again"));
        using var client = Open(resolve: (_, _) =>
            ValueTask.FromResult<IPAddress[]>([++lookups == 1 ? IPAddress.Loopback : IPAddress.Parse("10.0.0.1")]));
        await FailsAsync(client, RemoteRequest.Get(new Uri($"http://rebinding.test:{server.Port}/")), RemoteFailure.ForbiddenAddress);

        // One look-up for each connection: the address checked is the one dialled.
        Assert.Equal(2, lookups);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Forbidden_addresses_of_a_name_are_passed_over_and_the_others_dialled()
    {
        await using var server = new RawServer(RawServer.Ok("hello"));
        using var client = Open(resolve: (_, _) => ValueTask.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.Loopback]));
        var result = await client.SendAsync(RemoteRequest.Get(new Uri($"http://two.test:{server.Port}/")), default);
        Assert.IsType<RemoteResult.Answered>(result);
    }

    [Fact]
    public async Task A_name_without_addresses_and_a_closed_port_are_told_apart()
    {
        using var client = Open(resolve: (_, _) => ValueTask.FromResult<IPAddress[]>([]));
        await FailsAsync(client, RemoteRequest.Get(new Uri("http://nowhere.test/")), RemoteFailure.NameNotFound);

        Uri closed;
        await using (var server = new RawServer(""))
            closed = server.Uri;
        await FailsAsync(client, RemoteRequest.Get(closed), RemoteFailure.ConnectionFailed);
    }

    [Fact]
    public async Task A_downgrade_from_https_fails_unless_the_request_permits_it()
    {
        using var network = new SimulatedNetwork(request => request.RequestUri!.Scheme == "https"
            ? new HttpResponseMessage(HttpStatusCode.Found) { Headers = { { "Location", "http://notes.example/" } } }
            : new HttpResponseMessage(HttpStatusCode.OK));
        using var client = Open(handler: network);
        var request = RemoteRequest.Get(new Uri("https://notes.example/"));
        await FailsAsync(client, request, RemoteFailure.Downgrade);
        Assert.IsType<RemoteResult.Answered>(await client.SendAsync(request with { NoDowngrade = false }, default));
    }

    [Fact]
    public async Task The_callers_hook_sees_each_hop_and_can_refuse_it()
    {
        await using var server = new RawServer(RawServer.Redirect("/next"));
        using var client = Open();
        var hops = new List<(Uri, Uri)>();
        var request = RemoteRequest.Get(server.Uri) with
        {
            MayFollow = (from, to) =>
            {
                hops.Add((from, to));
                return hops.Count < 2;
            },
        };
        await FailsAsync(client, request, RemoteFailure.BadRedirect);
        Assert.Equal([(server.Uri, new Uri(server.Uri, "/next")), (new Uri(server.Uri, "/next"), new Uri(server.Uri, "/next"))], hops);
    }

    [Fact]
    public async Task Extra_headers_stay_with_the_origin_they_were_meant_for()
    {
        await using var other = new RawServer(RawServer.Ok("other"));
        await using var server = new RawServer(RawServer.Redirect(other.Uri.AbsoluteUri));
        using var client = Open();
        await client.SendAsync(RemoteRequest.Get(server.Uri) with { Headers = [new("Authorization", "OAuth secret")] }, default);
        Assert.Contains("OAuth secret", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.DoesNotContain("OAuth secret", Assert.Single(other.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-A", "b\r\nX-C: d")]
    [InlineData("X A", "b")]
    [InlineData("Content-Type", "text/plain")]
    public async Task A_header_that_cannot_be_sent_is_the_callers_mistake(string name, string value)
    {
        using var client = Open();
        var request = RemoteRequest.Get(new Uri("http://127.0.0.1:1/")) with { Headers = [new(name, value)] };
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(request, default).AsTask());
    }

    [Fact]
    public async Task The_callers_cancellation_passes_through()
    {
        using var client = Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.SendAsync(RemoteRequest.Get(new Uri("http://127.0.0.1:1/")), new CancellationToken(true)).AsTask());
    }

    internal static RemoteClient Open(
        RemoteOptions? options = null, TimeProvider? clock = null, ResolveHost? resolve = null, HttpMessageHandler? handler = null) =>
        new(Options.Create(options ?? new RemoteOptions { AllowRequestsToLoopbackAddresses = true }), clock ?? TimeProvider.System,
            NullLogger<RemoteClient>.Instance, handler, resolve ?? GuardedDialer.ResolveByDnsAsync);

    internal static async Task FailsAsync(RemoteClient client, RemoteRequest request, RemoteFailure reason)
    {
        var result = await client.SendAsync(request, default);
        var failed = Assert.IsType<RemoteResult.Failed>(result);
        Assert.True(reason == failed.Reason, $"{failed.Reason}: {failed.Detail}");
    }

    private sealed class SimulatedNetwork(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
