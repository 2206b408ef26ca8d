using Microblog.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Microblog.Samples.OAuthProvider;

/// <summary>Hands an ASP.NET Core request to the engine and its answer back.</summary>
internal static class HttpAdapter
{
    private const int MaxBodyBytes = 64 * 1024;

    public static async Task AnswerAsync(
        HttpContext context, Uri baseUri, Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> handler)
    {
        if (await ReadAsync(context.Request) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var request = new NodeRequest
        {
            Method = context.Request.Method,
            Origin = baseUri.GetLeftPart(UriPartial.Authority),
            // Exactly as it was sent: Path and QueryString are decoded already.
            RawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Headers = context.Request.Headers,
            Body = body,
            IsSecure = context.Request.IsHttps,
            RemoteAddress = context.Connection.RemoteIpAddress,
        };
        var response = await handler(request, context.RequestAborted);
        context.Response.StatusCode = response.Status;
        foreach (var (name, value) in response.Headers)
            context.Response.Headers.Append(name, value);

        if (response.Body is NodeBody.Bytes bytes)
        {
            context.Response.ContentType = bytes.MediaType;
            await context.Response.Body.WriteAsync(bytes.Content, context.RequestAborted);
        }
    }

    private static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBodyBytes)
                return null;

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
