using System.Text;
using Microblog.Http;
using Microblog.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Hosting;

/// <summary>Writes the node's answers.</summary>
internal sealed class ResponseWriter(
    IPageRenderer renderer, PageFrames frames, IOptions<MicroblogWebOptions> options, ILogger<ResponseWriter> logger)
{
    public ValueTask WriteAsync(HttpContext context, NodeResponse response)
    {
        if (response.Body is NodeBody.Challenge challenge)
            return ChallengeAsync(context, challenge.ReturnTo);

        var http = context.Response;
        http.StatusCode = response.Status;
        var headers = response.Headers;
        for (var i = 0; i < headers.Count; i++)
            http.Headers.Append(headers[i].Key, headers[i].Value);
        return response.Body switch
        {
            NodeBody.Bytes bytes => WriteBytesAsync(context, bytes),
            NodeBody.Page page => WritePageAsync(context, page.Model),
            NodeBody.Streamed streamed => WriteStreamAsync(context, streamed),
            _ => throw new InvalidOperationException("A new kind of body."),
        };
    }

    private static ValueTask WriteBytesAsync(HttpContext context, NodeBody.Bytes body)
    {
        var http = context.Response;
        if (body.MediaType.Length > 0)
        {
            http.ContentType = body.MediaType;
            http.Headers.XContentTypeOptions = "nosniff";
        }

        // 204 and 304 have neither body nor length (RFC 9110 §8.6).
        if (http.StatusCode is 204 or 304)
            return default;
        http.ContentLength = body.Content.Length;
        return body.Content.Length == 0 || HttpMethods.IsHead(context.Request.Method)
            ? default
            : new(WriteAsync(context, body.Content));
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> content) =>
        await context.Response.BodyWriter.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);

    private static async ValueTask WriteStreamAsync(HttpContext context, NodeBody.Streamed body)
    {
        context.Response.ContentType = body.MediaType;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
            await StreamAsync(context, body).ConfigureAwait(false);
    }

    private static async ValueTask StreamAsync(HttpContext context, NodeBody.Streamed body)
    {
        try
        {
            await body.WriteAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The writer gave up a client that takes nothing off: it shall not take this for the end, nor keep the connection.
            context.Abort();
        }
    }

    private async ValueTask WritePageAsync(HttpContext context, Page page)
    {
        var framed = page.Frame is not null ? page
            : page with { Frame = await frames.ForAsync(context.User, context.RequestAborted).ConfigureAwait(false) };
        var html = await renderer.RenderAsync(framed, context.RequestAborted).ConfigureAwait(false);
        var headers = context.Response.Headers;
        // Browsers apply form-action to where a form's answer redirects as well.
        headers.ContentSecurityPolicy = options.Value.ContentSecurityPolicy + FormAction(page)
            + (page.HasScript ? "; script-src 'self'; connect-src 'self'" : "");
        // Also where the host has replaced the policy above: nobody frames a page of ours.
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        // Pages carry who is signed in, and tokens made for them; a page that asks for consent or shows a secret is not kept anywhere.
        headers.CacheControl = page.LeadsElsewhere || page.ShowsSecret ? "no-store" : "private, no-cache";
        await WriteBytesAsync(context, new NodeBody.Bytes("text/html; charset=utf-8", Encoding.UTF8.GetBytes(html))).ConfigureAwait(false);
    }

    private static string FormAction(Page page) =>
        !page.LeadsElsewhere ? "; form-action 'self'"
        : page.OtherScheme.Length == 0 ? "; form-action 'self' http: https:"
        : $"; form-action 'self' http: https: {page.OtherScheme}:";

    private async ValueTask ChallengeAsync(HttpContext context, string returnTo)
    {
        try
        {
            await context.ChallengeAsync(new AuthenticationProperties { RedirectUri = returnTo }).ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (!context.Response.HasStarted)
        {
            logger.NoChallengeScheme(e);
            await WriteAsync(context, NodeResponse.Text(401, "Sign in first. This site has not set up a way to.")).ConfigureAwait(false);
        }
    }
}
