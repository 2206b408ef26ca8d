using Microblog.Http;

namespace Microblog.Diagnostics;

/// <summary>How a request arrived, compared with the node's base URI: what a proxy in front left as it was, and what it changed.</summary>
/// <remarks>Closed words only, so that strangers may read it: nothing of the request or of the machine stands in it.</remarks>
internal sealed record ArrivalReport
{
    public required SchemeArrival Scheme { get; init; }

    public required HostArrival Host { get; init; }

    public required PathArrival Path { get; init; }

    /// <summary>Whether a forwarded header names the public scheme and nobody in the application has used it.</summary>
    public required bool IsForwardedUnused { get; init; }

    public static ArrivalReport Of(NodeRequest request, NodeAddresses addresses) => new()
    {
        Scheme = SchemeOf(request.Arrival.Scheme, addresses.BaseUri.Scheme),
        Host = HostOf(request.Arrival.Host, addresses.BaseUri),
        Path = PathOf(request.Arrival.Target, request.RawPath),
        // ASP.NET Core's middleware takes away what it has used.
        IsForwardedUnused = request.Header("X-Forwarded-Proto").Length > 0 || request.Header("Forwarded").Length > 0,
    };

    private static SchemeArrival SchemeOf(string? arrived, string expected) =>
        string.IsNullOrEmpty(arrived) ? SchemeArrival.Unknown
        : arrived.Equals(expected, StringComparison.OrdinalIgnoreCase) ? SchemeArrival.Same
        : expected == Uri.UriSchemeHttps ? SchemeArrival.Downgraded
        : SchemeArrival.Upgraded;

    // A default port may be written or left out, whichever scheme the request came by.
    private static HostArrival HostOf(string? arrived, Uri expected) =>
        string.IsNullOrEmpty(arrived) ? HostArrival.Unknown
        : Uri.TryCreate($"{expected.Scheme}://{arrived}/", UriKind.Absolute, out var uri)
            && uri.Port == expected.Port && uri.IdnHost.Equals(expected.IdnHost, StringComparison.OrdinalIgnoreCase) ? HostArrival.Same
        : HostArrival.Rewritten;

    private static PathArrival PathOf(string? arrived, string expected)
    {
        if (string.IsNullOrEmpty(arrived))
            return PathArrival.Unknown;
        var mark = arrived.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? arrived : arrived[..mark];
        return path == expected ? PathArrival.Same
            : path.StartsWith('/') && expected.EndsWith(path, StringComparison.Ordinal) ? PathArrival.Stripped
            : PathArrival.Replaced;
    }
}

/// <summary>By which scheme a request arrived.</summary>
internal enum SchemeArrival
{
    /// <summary>The adapter did not say.</summary>
    Unknown,

    /// <summary>That of the base URI.</summary>
    Same,

    /// <summary>By http, and the base URI is https.</summary>
    Downgraded,

    /// <summary>By https, and the base URI is http.</summary>
    Upgraded,
}

/// <summary>For which host a request arrived.</summary>
internal enum HostArrival
{
    /// <summary>There was none, or the adapter did not say.</summary>
    Unknown,

    /// <summary>That of the base URI.</summary>
    Same,

    /// <summary>Another one.</summary>
    Rewritten,
}

/// <summary>With which path a request arrived.</summary>
internal enum PathArrival
{
    /// <summary>The adapter did not say.</summary>
    Unknown,

    /// <summary>The public one.</summary>
    Same,

    /// <summary>Without its beginning, which the application expects and has put back.</summary>
    Stripped,

    /// <summary>With another beginning, which the application expects and has replaced.</summary>
    Replaced,
}
