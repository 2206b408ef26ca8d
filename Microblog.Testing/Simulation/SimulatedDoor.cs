using System.Net;
using Microsoft.Extensions.Primitives;

namespace Microblog.Testing.Simulation;

/// <summary>A process's way out to the simulated network, in place of sockets.</summary>
internal sealed class SimulatedDoor(Wire wire, string host, SimulatedProcess? process) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        if (process is not null)
            await process.StepAsync("before sending").ConfigureAwait(false);
        var answer = await wire.SendAsync(host, process, sent, cancellationToken).ConfigureAwait(false);
        if (process is not null)
            await process.StepAsync("after an answer").ConfigureAwait(false);
        return ToResponse(answer, request);
    }

    private static async Task<WireRequest> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in request.Headers.NonValidated)
            headers[header.Key] = new StringValues([.. header.Value]);
        ReadOnlyMemory<byte> body = default;
        if (request.Content is { } content)
        {
            body = await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            foreach (var header in content.Headers.NonValidated)
                headers[header.Key] = new StringValues([.. header.Value]);
        }

        return new WireRequest(request.Method.Method, request.RequestUri!, headers, body);
    }

    private static HttpResponseMessage ToResponse(WireAnswer answer, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(answer.Body),
        };
        foreach (var (name, value) in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
