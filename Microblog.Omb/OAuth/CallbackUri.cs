using System.Diagnostics.CodeAnalysis;

namespace Microblog.Omb.OAuth;

/// <summary>Where the browser is sent after the decision: an absolute http or https address without fragment and user name.</summary>
/// <remarks>At most 2048 characters. Nobody vouches for it: with an open consumer anybody may have written it (OAUTH-36).</remarks>
public sealed record CallbackUri
{
    /// <summary>What stands in place of an address when the person carries the verifier over by hand.</summary>
    public const string OutOfBand = "oob";

    private const int MaxLength = 2048;

    private readonly Uri uri;

    private CallbackUri(string text, Uri uri)
    {
        Text = text;
        this.uri = uri;
    }

    /// <summary>The address as it was given.</summary>
    public string Text { get; }

    /// <summary>The host, in ASCII and lower case, to be shown to the person who decides.</summary>
    public string Host => uri.IdnHost;

    /// <summary>Reads a callback; <see langword="false"/> for anything that a browser must not be sent to.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CallbackUri? callback)
    {
        callback = null;
        if (text is not { Length: > 0 and <= MaxLength } || text.AsSpan().ContainsAnyInRange('\0', ' ') || text.Contains('\\'))
            return false;

        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return false;

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || text.Contains('#') || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
            return false;

        callback = new CallbackUri(text, uri);
        return true;
    }

    /// <summary>Whether the callback's host is the host of the consumer key, which may be a URL or a bare host name.</summary>
    /// <remarks>Scheme and port may differ. A key that is neither has no host, so no callback is its own.</remarks>
    public bool IsOnHostOf(string consumerKey)
    {
        if (!TryParse(consumerKey, out var key) && (consumerKey.Contains('/') || !TryParse("http://" + consumerKey + "/", out key)))
            return false;

        return string.Equals(key.Host, Host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The address with parameters added to its query, which is kept; in ASCII, fit for a <c>Location</c> header.</summary>
    public string With(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var host = uri.HostNameType is UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        var port = uri.IsDefaultPort ? "" : FormattableString.Invariant($":{uri.Port}");
        var added = WireForm.Encode(parameters);
        var separator = added.Length == 0 ? "" : uri.Query.Length == 0 ? "?" : "&";
        return $"{uri.Scheme}://{host}{port}{uri.PathAndQuery}{separator}{added}";
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
