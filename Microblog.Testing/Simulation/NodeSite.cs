using System.Net;
using Microblog.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Simulation;

/// <summary>One run of a node as a site: hands requests to the node's router, and breaks the connections that are open when the run is killed.</summary>
internal sealed class NodeSite(SimulatedProcess process, IServiceProvider services) : ISite
{
    private static readonly IPAddress Somewhere = IPAddress.Parse("192.0.2.1");

    private readonly List<Action<HttpRequestException>> open = [];
    private TaskCompletionSource? drained;

    public void Receive(WireRequest request, Action<WireAnswer> answer, Action<HttpRequestException> fail)
    {
        open.Add(fail);
        process.Scheduler.Post(process, () => _ = process.Scheduler.WatchAsync(() => AnswerAsync(request, answer, fail)));
    }

    /// <summary>Completes when everything that came in has been answered.</summary>
    public Task DrainAsync() => open.Count == 0 ? Task.CompletedTask : (drained ??= new TaskCompletionSource()).Task;

    public void BreakConnections()
    {
        foreach (var fail in open)
            fail(new HttpRequestException(HttpRequestError.ResponseEnded, "the node was killed before it answered"));
        open.Clear();
    }

    private async Task AnswerAsync(WireRequest request, Action<WireAnswer> answer, Action<HttpRequestException> fail)
    {
        await process.StepAsync("when a request came in").ConfigureAwait(false);
        var response = await services.GetRequiredService<NodeRouter>().DispatchAsync(
            new NodeRequest
            {
                Method = request.Method,
                Origin = request.Uri.GetLeftPart(UriPartial.Authority),
                RawTarget = request.Uri.PathAndQuery,
                Headers = request.Headers,
                IsSecure = request.Uri.Scheme == Uri.UriSchemeHttps,
                RemoteAddress = Somewhere,
                User = request.User,
                Body = request.Body,
            },
            CancellationToken.None).ConfigureAwait(false);
        var sent = await Answers.FromAsync(response, request.User, services, CancellationToken.None).ConfigureAwait(false);
        await process.StepAsync("before answering").ConfigureAwait(false);
        open.Remove(fail);
        answer(sent);
        if (open.Count == 0)
            drained?.TrySetResult();
    }
}
