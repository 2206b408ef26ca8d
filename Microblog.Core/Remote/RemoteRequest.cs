namespace Microblog.Remote;

/// <summary>One request to a stranger, with the limits that hold for it.</summary>
public sealed record RemoteRequest
{
    /// <summary>The HTTP method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>An absolute address; other schemes than http and https fail with <see cref="RemoteFailure.Scheme"/>.</summary>
    /// <remarks>What goes on the wire is <see cref="Uri.AbsoluteUri"/> without the fragment.</remarks>
    public required Uri Uri { get; init; }

    /// <summary>The <c>Accept</c> header, sent byte for byte; none when <see langword="null"/>.</summary>
    public string? Accept { get; init; }

    /// <summary>The body, sent as it is; no body when empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The media type of <see cref="Body"/>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Further headers. They may be credentials, so a redirect to another origin goes without them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Largest body accepted, in bytes after decompression. Default: <see cref="RemoteOptions.MaxBytes"/>.</summary>
    public int? MaxBytes { get; init; }

    /// <summary>Time for everything: look-up, connecting, redirects, the last byte. Default: <see cref="RemoteOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Most redirects followed for GET and HEAD; with 0 the redirect itself is the answer. Default: <see cref="RemoteOptions.MaxRedirects"/>.</summary>
    /// <remarks>Other methods are never redirected: the redirect is the answer (OMB-136).</remarks>
    public int? MaxRedirects { get; init; }

    /// <summary>Asked before each redirect (from, to); <see langword="false"/> ends in <see cref="RemoteFailure.BadRedirect"/>.</summary>
    public Func<Uri, Uri, bool>? MayFollow { get; init; }

    /// <summary>Whether a redirect from https to http fails with <see cref="RemoteFailure.Downgrade"/>. Default: it does.</summary>
    public bool NoDowngrade { get; init; } = true;

    /// <summary>What this request is charged to, redirects included; without one only the limits above hold.</summary>
    public FetchBudget? Budget { get; init; }

    /// <summary>A GET.</summary>
    public static RemoteRequest Get(Uri uri, string? accept = null) => new() { Method = HttpMethod.Get, Uri = uri, Accept = accept };

    /// <summary>A POST of an encoded form.</summary>
    public static RemoteRequest PostForm(Uri uri, ReadOnlyMemory<byte> form) =>
        new() { Method = HttpMethod.Post, Uri = uri, Body = form, ContentType = "application/x-www-form-urlencoded" };
}
