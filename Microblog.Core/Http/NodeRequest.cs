using System.Net;
using System.Security.Claims;
using Microsoft.Extensions.Primitives;

namespace Microblog.Http;

/// <summary>One request as it arrived, independent of any web framework.</summary>
/// <remarks>Signatures are computed over what arrived, so target, headers and body are kept raw and parsed once,
/// by whoever needs them. Everything in here is hostile until checked.</remarks>
public sealed class NodeRequest
{
    private static readonly Dictionary<string, object?> NoRouteValues = [];

    /// <summary>The HTTP method, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>The public origin of the node, such as <c>https://notes.example</c>: scheme, host and port, no path.</summary>
    /// <remarks>Taken from the node's base URI, never from a <c>Host</c> header.</remarks>
    public required string Origin { get; init; }

    /// <summary>Path and query exactly as the client wrote them, percent-escapes untouched, beginning with <c>/</c>.</summary>
    /// <remarks>The public path: where a proxy or the site strips a prefix, the adapter has put it back.</remarks>
    public required string RawTarget { get; init; }

    /// <summary>The headers; keys compare without case. An <c>IHeaderDictionary</c> fits as it is.</summary>
    public required IDictionary<string, StringValues> Headers { get; init; }

    /// <summary>Whether the client reached us by TLS, as far as the host and its trusted proxies know.</summary>
    public bool IsSecure { get; init; }

    /// <summary>How the request reached the application. For diagnosis; nothing is decided by it.</summary>
    public Arrival Arrival { get; init; }

    /// <summary>The peer's address, or the one that a trusted proxy reported; <see langword="null"/> when there is none.</summary>
    public IPAddress? RemoteAddress { get; init; }

    /// <summary>The signed-in user of the host application, or <see langword="null"/>.</summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>The whole body, already limited to what the route allows; empty when the route takes none.</summary>
    /// <remarks>Lies in a buffer of the server: valid until the answer has been written, not after.</remarks>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body of a route that reads it itself (<see cref="NodeRoute.StreamsBody"/>); <see langword="null"/> where <see cref="Body"/> has it whole.</summary>
    /// <remarks>Bounded in size and time by the adapter: reading throws <see cref="NodeBodyException"/> where either is used up.</remarks>
    public Stream? BodyStream { get; init; }

    /// <summary>The values that the route's template matched, percent-decoded.</summary>
    public IReadOnlyDictionary<string, object?> RouteValues { get; init; } = NoRouteValues;

    /// <summary>Whom the request claims to come from, such as a consumer key, once somebody has read that far.</summary>
    /// <remarks>For the log and the operator when the request is refused. Not checked; nothing is decided by it.</remarks>
    public string? Sender { get; set; }

    /// <summary>The media type of the body without parameters, lower case; empty when none was named.</summary>
    public string MediaType
    {
        get
        {
            var value = Header("Content-Type").AsSpan();
            var end = value.IndexOf(';');
            return (end < 0 ? value : value[..end]).Trim().ToString().ToLowerInvariant();
        }
    }

    /// <summary>The part of <see cref="RawTarget"/> before the query.</summary>
    public string RawPath => RawTarget.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? RawTarget[..mark] : RawTarget;

    /// <summary>The part of <see cref="RawTarget"/> after the first question mark, not decoded; empty without one.</summary>
    public string RawQuery => RawTarget.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? RawTarget[(mark + 1)..] : "";

    /// <summary>The value of a header, several joined by commas; empty when absent.</summary>
    public string Header(string name) => Headers.TryGetValue(name, out var values) ? values.ToString() : "";

    /// <summary>The target as an address to come back to: never one that a browser would take for another site's.</summary>
    /// <param name="otherwise">What to answer for a target that is not plainly a path of this site.</param>
    public string LocalTarget(string otherwise) =>
        RawTarget is ['/', not ('/' or '\\'), ..] && !RawPath.Contains("/../", StringComparison.Ordinal) && !RawPath.Contains("/./", StringComparison.Ordinal)
            || RawTarget == "/" ? RawTarget : otherwise;

    /// <summary>The body for reading, whether it comes as a stream or is there already.</summary>
    public Stream OpenBody() => BodyStream ?? new MemoryStream(Body.ToArray(), writable: false);

    /// <summary>The whole body, whether it comes as a stream or is there already.</summary>
    /// <param name="max">Most bytes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NodeBodyException">413: there are more.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(int max, CancellationToken cancellationToken)
    {
        var body = OpenBody();
        var buffer = new byte[4096];
        using var content = new MemoryStream();
        for (var count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false); count > 0;
            count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false))
        {
            if (content.Length + count > max)
                throw new NodeBodyException(413, $"The body is larger than {max} bytes.");
            content.Write(buffer, 0, count);
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>A value that the route's template matched.</summary>
    /// <exception cref="KeyNotFoundException">The route has no such placeholder: a programming error.</exception>
    public string Route(string name) => (string)RouteValues[name]!;

    internal NodeRequest WithRoute(IReadOnlyDictionary<string, object?> values) => Copy(Body, BodyStream, values);

    /// <summary>The same request with its body read, for whoever has to look at all of it.</summary>
    public NodeRequest WithBody(ReadOnlyMemory<byte> body) => Copy(body, null, RouteValues);

    private NodeRequest Copy(ReadOnlyMemory<byte> body, Stream? stream, IReadOnlyDictionary<string, object?> values) => new()
    {
        Method = Method,
        Origin = Origin,
        RawTarget = RawTarget,
        Headers = Headers,
        IsSecure = IsSecure,
        Arrival = Arrival,
        RemoteAddress = RemoteAddress,
        User = User,
        Body = body,
        BodyStream = stream,
        RouteValues = values,
    };
}
