using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Text;
using Microblog.Http;
using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Simulation;

/// <summary>Turns what a node answers into what goes over the wire.</summary>
internal static class Answers
{
    /// <param name="response">What the node answers.</param>
    /// <param name="user">Who asked.</param>
    /// <param name="services">The node's, with the host's renderer; without one, pages are a title and a head.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    public static async ValueTask<WireAnswer> FromAsync(
        NodeResponse response, ClaimsPrincipal? user, IServiceProvider services, CancellationToken cancellationToken)
    {
        // By the node's own clock, as a web server adds it.
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        List<KeyValuePair<string, string>> headers = [new("Date", now.ToString("r", CultureInfo.InvariantCulture)), .. response.Headers];
        switch (response.Body)
        {
            case NodeBody.Bytes bytes:
                if (bytes.MediaType.Length > 0)
                    headers.Add(new("Content-Type", bytes.MediaType));
                return new WireAnswer(response.Status, headers, bytes.Content);
            case NodeBody.Page { Model: var page }:
                headers.Add(new("Content-Type", "text/html; charset=utf-8"));
                page = page.Frame is not null ? page
                    : page with { Frame = await services.GetRequiredService<PageFrames>().ForAsync(user, cancellationToken).ConfigureAwait(false) };
                var html = services.GetService<IPageRenderer>() is { } renderer
                    ? await renderer.RenderAsync(page, cancellationToken).ConfigureAwait(false)
                    : Render(page);
                return new WireAnswer(response.Status, headers, Encoding.UTF8.GetBytes(html), page);
            case NodeBody.Streamed streamed:
                using (var content = new MemoryStream())
                {
                    await streamed.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                    headers.Add(new("Content-Type", streamed.MediaType));
                    return new WireAnswer(response.Status, headers, content.ToArray());
                }

            case NodeBody.Challenge challenge:
                headers.Add(new("Location", "/sign-in?returnUrl=" + Uri.EscapeDataString(challenge.ReturnTo)));
                return new WireAnswer(302, headers, default);
            default:
                throw new InvalidOperationException("A new kind of body.");
        }
    }

    private static string Render(Page page)
    {
        var html = new StringBuilder("<!DOCTYPE html><html><head>");
        foreach (var element in page.Head)
        {
            html.Append(element switch
            {
                HeadElement.HttpEquiv meta => $"<meta http-equiv=\"{Encode(meta.Name)}\" content=\"{Encode(meta.Content)}\">",
                HeadElement.Link link => $"<link rel=\"{Encode(link.Rel)}\" type=\"{Encode(link.MediaType)}\" href=\"{Encode(link.Href)}\">",
                _ => throw new InvalidOperationException("A new kind of element."),
            });
        }

        return html.Append("<title>").Append(Encode(page.Title)).Append("</title></head><body></body></html>").ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
