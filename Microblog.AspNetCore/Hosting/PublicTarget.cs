namespace Microblog.AspNetCore.Hosting;

/// <summary>Puts the public request target together: what the client wrote, with whatever a proxy or the site took away in front.</summary>
/// <param name="publicPath">The path of the node's base URI; empty at a site's root.</param>
/// <param name="mappedPath">Where the application has mapped the node; empty for its root.</param>
internal sealed class PublicTarget(string publicPath, string mappedPath)
{
    /// <summary>Path and query of the public address, percent-escapes as the client wrote them.</summary>
    /// <param name="rawTarget">The request target as it stood in the request line.</param>
    /// <param name="pathBase">What middleware of the host took off in front (<c>UsePathBase</c>), still in the raw target.</param>
    public string Of(string rawTarget, string pathBase)
    {
        var raw = OriginForm(rawTarget);
        if (pathBase.Length == 0 && mappedPath == publicPath)
            return raw;
        var seen = pathBase + mappedPath;
        if (publicPath.EndsWith(seen, StringComparison.OrdinalIgnoreCase))
            return publicPath.Length == seen.Length ? raw : string.Concat(publicPath.AsSpan(0, publicPath.Length - seen.Length), raw);
        // A proxy put another path in front of us than the public one.
        return publicPath + SkipSegments(raw, seen.AsSpan().Count('/'));
    }

    // RFC 9112 §3.2.2: a client may write the whole address; its host is as untrusted as a Host header.
    private static string OriginForm(string target)
    {
        if (target.StartsWith('/'))
            return target;
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var path = scheme < 0 ? -1 : target.AsSpan(scheme + 3).IndexOfAny('/', '?');
        if (path < 0)
            return "/";
        path += scheme + 3;
        return target[path] == '/' ? target[path..] : "/" + target[path..];
    }

    private static string SkipSegments(string raw, int count)
    {
        var at = 0;
        for (; count > 0 && at < raw.Length; count--)
        {
            var next = raw.AsSpan(at + 1).IndexOfAny('/', '?');
            at = next < 0 ? raw.Length : at + 1 + next;
        }

        return raw[at..];
    }
}
