using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Microblog.TwitterApi.Access;

/// <summary>Reads <c>Authorization: Basic …</c> (RFC 7617).</summary>
/// <remarks>Not a record, so that no log shows the password by accident.</remarks>
internal sealed class BasicCredentials
{
    private const int MaxLength = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private BasicCredentials(string nickname, string password) => (Nickname, Password) = (nickname, password);

    public string Nickname { get; }

    /// <summary>Everything behind the first colon, later ones included.</summary>
    public string Password { get; }

    /// <summary>Whether a header is of this scheme, be it well-formed or not.</summary>
    public static bool IsNamedBy(string header)
    {
        var text = header.AsSpan().Trim();
        return text.StartsWith("Basic", StringComparison.OrdinalIgnoreCase) && (text.Length == 5 || text[5] is ' ' or '\t');
    }

    /// <summary>Reads a header of this scheme; <see langword="false"/> for anything that is not a pair in UTF-8.</summary>
    public static bool TryParse(string header, [NotNullWhen(true)] out BasicCredentials? credentials)
    {
        credentials = null;
        var encoded = header.AsSpan().Trim()["Basic".Length..].Trim();
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (encoded.Length > MaxLength || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
            return false;
        string pair;
        try
        {
            pair = Strict.GetString(bytes[..length]);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;
        credentials = new BasicCredentials(pair[..colon], pair[(colon + 1)..]);
        return true;
    }
}
