using System.Globalization;
using Microblog.Http;

namespace Microblog.Pages;

/// <summary>The pictures of notices, for whoever may see the notice; uploads for whoever uploaded them.</summary>
internal sealed class AttachmentRoutes(PageFrames frames, MicroblogNode node) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes => [new NodeRoute { Method = "GET", Template = "/attachment/{id}", Handler = ShowAsync }];

    private async ValueTask<NodeResponse> ShowAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var frame = await frames.ForAsync(request.User, cancellationToken).ConfigureAwait(false);
        var id = new AttachmentId(Visit.Number(request.Route("id")));
        if (await node.FindAttachmentAsync(id, frame.Viewer?.Profile?.Id ?? default, cancellationToken).ConfigureAwait(false) is not { } found)
            return NodeResponse.Text(404, "There is nothing at this address, or you may not see it.");
        var (attachment, notice) = found;
        var tag = $"\"{attachment.Blob}\"";
        var isPublic = notice?.IsPublic == true;
        // Its bytes never change, but whether it may be seen does: only what everybody may see is kept without asking, and not for long.
        KeyValuePair<string, string>[] headers =
        [
            new("ETag", tag),
            new("Cache-Control", isPublic ? "public, max-age=3600" : "private, no-cache"),
            new("Cross-Origin-Resource-Policy", isPublic ? "cross-origin" : "same-origin"),
            // Somebody chose the bytes, so they are a picture and nothing else, whatever a browser finds inside.
            new("Content-Security-Policy", "default-src 'none'; sandbox"),
            new("Content-Disposition", $"inline; filename=\"{attachment.Id}{attachment.Extension}\""),
        ];
        if (Conditional.IsKnown(request, tag))
            return new NodeResponse(304, NodeBody.None) { Headers = headers };
        headers = [.. headers, new("Content-Length", attachment.Size.ToString(CultureInfo.InvariantCulture))];
        if (request.Method == "HEAD")
            return new NodeResponse(200, new NodeBody.Streamed(attachment.MediaType, (_, _) => default)) { Headers = headers };
        return await node.OpenAttachmentAsync(attachment, cancellationToken).ConfigureAwait(false) is { } content
            ? new NodeResponse(200, new NodeBody.Streamed(attachment.MediaType, (output, ct) => CopyAsync(content, output, ct))) { Headers = headers }
            : NodeResponse.Text(404, "The picture is gone.");
    }

    private static async ValueTask CopyAsync(Stream content, Stream output, CancellationToken cancellationToken)
    {
        await using var closing = content.ConfigureAwait(false);
        await content.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
    }
}
