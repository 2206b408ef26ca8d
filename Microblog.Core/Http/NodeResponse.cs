namespace Microblog.Http;

/// <summary>What the node answers: a status, headers and one of the bodies of <see cref="NodeBody"/>.</summary>
/// <remarks>Immutable, so that answers which are always alike can be kept in a static field.</remarks>
public sealed record NodeResponse(int Status, NodeBody Body)
{
    /// <summary>Headers besides the content type, in the order in which they are sent. A name may occur twice.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Why this answer refuses the request, for the log and the operator; <see langword="null"/> when it does not, or says all itself.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>An answer of plain text in UTF-8.</summary>
    public static NodeResponse Text(int status, string text) => Bytes(status, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>An answer of bytes with their media type.</summary>
    public static NodeResponse Bytes(int status, string mediaType, ReadOnlyMemory<byte> content) =>
        new(status, new NodeBody.Bytes(mediaType, content));

    /// <summary>An HTML page, rendered by the host's <see cref="Pages.IPageRenderer"/>.</summary>
    public static NodeResponse Page(Pages.Page page, int status = 200) => new(status, new NodeBody.Page(page));

    /// <summary>Sends the browser on with 303, so that a reload does not repeat a form post.</summary>
    public static NodeResponse SeeOther(string location) => new NodeResponse(303, NodeBody.None).With("Location", location);

    /// <summary>Asks the host to sign the person in and to come back to <paramref name="returnTo"/> (a local path and query).</summary>
    public static NodeResponse Challenge(string returnTo) => new(401, new NodeBody.Challenge(returnTo));

    /// <summary>The same answer with one header more.</summary>
    public NodeResponse With(string name, string value) => this with { Headers = [.. Headers, new(name, value)] };
}
