using System.Diagnostics.CodeAnalysis;
using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>Where the browser is sent after the decision: an absolute http or https address without fragment and user name, or for a consumer who
/// registered one, an address in a scheme of its own.</summary>
/// <remarks>At most 2048 characters. Nobody vouches for it: with an open consumer anybody may have written it (OAUTH-36).</remarks>
public sealed record CallbackUri
{
    /// <summary>What stands in place of an address when the person carries the verifier over by hand.</summary>
    public const string OutOfBand = "oob";

    private const int MaxLength = 2048;

    // None with a scheme of a program's own.
    private readonly Uri? uri;

    private CallbackUri(string text, Uri? uri)
    {
        Text = text;
        this.uri = uri;
        Scheme = OwnScheme.Of(text);
    }

    /// <summary>The address as it was given.</summary>
    public string Text { get; }

    /// <summary>The scheme, in lower case.</summary>
    public string Scheme { get; }

    /// <summary>Whether it is an http or https address.</summary>
    public bool IsWeb => uri is not null;

    /// <summary>The host, in ASCII and lower case, to be shown to the person who decides; empty unless <see cref="IsWeb"/>.</summary>
    public string Host => uri?.IdnHost ?? "";

    /// <summary>Reads an http or https callback; <see langword="false"/> for anything that a browser must not be sent to.</summary>
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

    /// <summary>Reads a callback in a scheme of the consumer's own (<see cref="OwnScheme"/>), which only a registration makes acceptable
    /// (<see cref="OAuthConsumer.Callback"/>).</summary>
    public static bool TryParseOwn([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CallbackUri? callback)
    {
        callback = OwnScheme.IsValid(text) ? new CallbackUri(text, null) : null;
        return callback is not null;
    }

    /// <summary>Whether the callback's host is the host of the consumer key, which may be a URL or a bare host name.</summary>
    /// <remarks>Scheme and port may differ. A key that is neither has no host, so no callback is its own.</remarks>
    public bool IsOnHostOf(string consumerKey)
    {
        if (!TryParse(consumerKey, out var key) && (consumerKey.Contains('/') || !TryParse("http://" + consumerKey + "/", out key)))
            return false;

        return IsWeb && string.Equals(key.Host, Host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The address with parameters added to its query, which is kept; in ASCII, fit for a <c>Location</c> header.</summary>
    public string With(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        if (uri is null)
        {
            // Nothing is known of its parts but where a query begins.
            var more = WireForm.Encode(parameters);
            return more.Length == 0 ? Text : Text + (Text.Contains('?', StringComparison.Ordinal) ? "&" : "?") + more;
        }

        var host = uri.HostNameType is UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        var port = uri.IsDefaultPort ? "" : FormattableString.Invariant($":{uri.Port}");
        var added = WireForm.Encode(parameters);
        var separator = added.Length == 0 ? "" : uri.Query.Length == 0 ? "?" : "&";
        return $"{uri.Scheme}://{host}{port}{uri.PathAndQuery}{separator}{added}";
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
