using System.Net;
using System.Text;
using Microblog.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class ResponseTests
{
    [Fact]
    public async Task A_streamed_answer_arrives_while_it_is_made()
    {
        var goOn = new TaskCompletionSource();
        await using var node = await StartAsync(_ => NodeResponseOf(async (stream, ct) =>
        {
            await stream.WriteAsync("first "u8.ToArray(), ct);
            await stream.FlushAsync(ct);
            await goOn.Task;
            await stream.WriteAsync("second"u8.ToArray(), ct);
        }));
        using var response = await node.Client.GetAsync("/api/test", HttpCompletionOption.ResponseHeadersRead);
        using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[6];
        await body.ReadExactlyAsync(buffer);
        Assert.Equal("first ", Encoding.UTF8.GetString(buffer));
        goOn.SetResult();
        using var rest = new StreamReader(body);
        Assert.Equal("second", await rest.ReadToEndAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_request()
    {
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var node = await StartAsync(async ct =>
        {
            await using var registration = ct.Register(cancelled.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
            return NodeResponse.Text(200, "never");
        });
        var socket = await RawHttp.ConnectAsync(node.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes("GET /api/test HTTP/1.1\r\nHost: a\r\n\r\n"));
        await begun.Task;
        socket.Dispose();
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_header_may_be_sent_twice()
    {
        await using var node = await StartAsync(_ => new(NodeResponse.Text(200, "x").With("WWW-Authenticate", "OAuth").With("WWW-Authenticate", "Basic")));
        using var response = await node.GetAsync("/api/test");
        Assert.Equal(["OAuth", "Basic"], response.Headers.WwwAuthenticate.Select(h => h.Scheme));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task An_answer_that_has_no_body_has_no_length_either(int status)
    {
        await using var node = await StartAsync(_ => new(NodeResponse.Text(status, "ignored")));
        using var response = await node.GetAsync("/api/test");
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    private static ValueTask<NodeResponse> NodeResponseOf(Func<Stream, CancellationToken, ValueTask> write) =>
        new(new NodeResponse(200, new NodeBody.Streamed("text/event-stream", write)));

    private static Task<TestNode> StartAsync(Func<CancellationToken, ValueTask<NodeResponse>> answer) =>
        TestNode.StartAsync(services: s => s.AddSingleton<INodeRoutes>(new OneRoute(answer)));

    private sealed class OneRoute(Func<CancellationToken, ValueTask<NodeResponse>> answer) : INodeRoutes
    {
        public IEnumerable<NodeRoute> Routes => [new NodeRoute { Method = "GET", Template = "/api/test", Handler = (_, ct) => answer(ct) }];
    }
}
