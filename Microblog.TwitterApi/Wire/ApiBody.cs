using System.Text;
using Microblog.Http;

namespace Microblog.TwitterApi.Wire;

/// <summary>Reads what is posted: a form whole, before its signature is checked; one with a file only once it is known who sends it.</summary>
internal static class ApiBody
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";
    private const string Multipart = "multipart/form-data";

    /// <summary>The request with its form, if it has one.</summary>
    public static async ValueTask<NodeRequest> ReadFormAsync(NodeRequest request, int max, CancellationToken cancellationToken) =>
        request.BodyStream is not null && request.MediaType is (Form or Json)
            ? request.WithBody(await request.ReadBodyAsync(max, cancellationToken).ConfigureAwait(false))
            : request;

    /// <summary>Whether every store can keep what the request says: nobody types a NUL.</summary>
    public static bool IsStorable(NodeRequest request) =>
        !request.RawTarget.Contains("%00", StringComparison.Ordinal) && !request.RawTarget.Contains('\0', StringComparison.Ordinal)
        && !request.Body.Span.Contains((byte)0) && request.Body.Span.IndexOf("%00"u8) < 0;

    /// <summary>The fields, and the file if one may come along.</summary>
    public static async ValueTask<(NodeForm Form, ReadOnlyMemory<byte>? File)> ReadFieldsAsync(
        NodeRequest request, int maxText, int maxFile, CancellationToken cancellationToken)
    {
        if (request.Method != "POST" || request.MediaType != Multipart)
            return (request.MediaType == Json ? NodeForm.Of([]) : NodeForm.OfBody(request), null);
        if (MultipartReader.BoundaryOf(request.Header("Content-Type")) is not { } boundary)
            throw new NodeBodyException(400, "The media type names no boundary.");
        var fields = new List<KeyValuePair<string, string>>();
        var left = maxText;
        ReadOnlyMemory<byte>? file = null;
        var reader = new MultipartReader(request.OpenBody(), boundary);
        while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } part)
        {
            var max = part.IsFile ? maxFile : left;
            if (await reader.ReadAsync(max, cancellationToken).ConfigureAwait(false) is not { } content)
                throw new NodeBodyException(413, part.IsFile && maxFile == 0 ? "This method takes no file." : $"A part of the form is larger than {max} bytes.");
            if (part.IsFile)
            {
                // Nothing of what somebody wrote is dropped silently.
                if (file is { IsEmpty: false } && !content.IsEmpty)
                    throw new NodeBodyException(400, "One file comes along at most; others are uploaded before.");
                file = file is { IsEmpty: false } ? file : content;
                continue;
            }

            left -= content.Length;
            if (content.Span.Contains((byte)0) || part.Name.Contains('\0', StringComparison.Ordinal))
                throw new NodeBodyException(400, "The request contains a NUL character.");
            fields.Add(new(part.Name, Encoding.UTF8.GetString(content.Span)));
        }

        return (NodeForm.Of(fields), file);
    }
}
