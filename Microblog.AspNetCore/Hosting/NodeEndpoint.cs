using Microblog.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Microblog.AspNetCore.Hosting;

/// <summary>One route of the node as an endpoint of the application.</summary>
internal sealed class NodeEndpoint(NodeRoute route, PublicTarget target, NodeEndpointServices services)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = RequestMetrics.IsEnabled ? services.Clock.GetTimestamp() : 0;
        using var activity = RequestMetrics.Start(route.Method, route.Template);
        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionResetException || (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
        {
            // The client has gone; nobody reads an answer.
            return;
        }

        services.Logger.Answered(route.Method, route.Template, context.Response.StatusCode);
        activity?.SetTag("http.response.status_code", context.Response.StatusCode);
        if (started != 0)
            RequestMetrics.Record(services.Clock.GetElapsedTime(started), route.Method, route.Template, context.Response.StatusCode);
    }

    private async ValueTask AnswerAsync(HttpContext context)
    {
        if (services.Limits.Refuse(route.Rate, context) is { } limited)
        {
            await services.Writer.WriteAsync(context, limited).ConfigureAwait(false);
            return;
        }

        if (route.MaxBodyBytes == 0)
        {
            await InvokeAsync(context, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
            return;
        }

        if (route.StreamsBody)
        {
            await StreamAsync(context).ConfigureAwait(false);
            return;
        }

        var body = new RequestBody(context, route.MaxBodyBytes, services.Options.BodyTimeout);
        try
        {
            if (await body.ReadAsync().ConfigureAwait(false) is { } refusal)
                await services.Writer.WriteAsync(context, refusal).ConfigureAwait(false);
            else
                await InvokeAsync(context, body.Bytes).ConfigureAwait(false);
        }
        finally
        {
            body.Release();
        }
    }

    private async ValueTask StreamAsync(HttpContext context)
    {
        var (stream, refusal) = UploadStream.Open(context, route.MaxBodyBytes, services.Options.UploadTimeout);
        if (refusal is not null)
        {
            await services.Writer.WriteAsync(context, refusal).ConfigureAwait(false);
            return;
        }

        using (stream)
            await InvokeAsync(context, ReadOnlyMemory<byte>.Empty, stream).ConfigureAwait(false);
    }

    private async ValueTask InvokeAsync(HttpContext context, ReadOnlyMemory<byte> body, Stream? stream = null)
    {
        var http = context.Request;
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = new NodeRequest
        {
            Method = http.Method,
            Origin = services.Addresses.Origin,
            RawTarget = target.Of(rawTarget, http.PathBase.Value ?? ""),
            Headers = http.Headers,
            IsSecure = http.IsHttps,
            Arrival = new Arrival(http.Scheme, http.Host.Value, rawTarget),
            RemoteAddress = context.Connection.RemoteIpAddress,
            User = route.Access == RouteAccess.Credential ? null : context.User,
            Body = body,
            BodyStream = stream,
            RouteValues = http.RouteValues,
        };
        var response = await services.Router.InvokeAsync(route, request, context.RequestAborted).ConfigureAwait(false);
        await services.Writer.WriteAsync(context, response).ConfigureAwait(false);
    }
}

/// <summary>What every endpoint needs, resolved once.</summary>
internal sealed record NodeEndpointServices(
    NodeRouter Router, NodeAddresses Addresses, RequestLimits Limits, ResponseWriter Writer, MicroblogWebOptions Options, TimeProvider Clock,
    ILogger<NodeEndpoint> Logger);
