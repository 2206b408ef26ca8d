using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Microblog;

/// <summary>Tells whether text from outside is an address that may be linked or fetched.</summary>
public static class WebAddress
{
    /// <summary>Longest accepted address, in bytes of UTF-8.</summary>
    public const int MaxLength = 2048;

    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-:");

    /// <summary>Whether the text is an absolute http or https URL with a host, without white space and control characters.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        OpaqueUri.IsAbsolute(text, MaxLength)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0
        && uri.UserInfo.Length == 0;

    /// <summary>The host of an http(s) address with the port if it is not the default, lower case and in ASCII; empty for anything else.</summary>
    public static string HostOf(string? text)
    {
        if (!IsValid(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return "";
        // In its ASCII form, so that no host looks like another one.
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost.ToLowerInvariant();
        return uri.IsDefaultPort ? host : FormattableString.Invariant($"{host}:{uri.Port}");
    }

    /// <summary>The host, with the port if not the default, of a text that is an http(s) address or a bare ASCII host; empty for any
    /// other text, however much it looks like one.</summary>
    public static string HostNamedBy(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (HostOf(text) is { Length: > 0 } host)
            return host;
        var bare = text.ToLowerInvariant();
        return bare.Length <= 255 && !bare.AsSpan().ContainsAnyExcept(HostCharacters) ? HostOf($"http://{bare}/") : "";
    }
}
