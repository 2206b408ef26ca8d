using System.Security.Cryptography;
using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>HMAC-SHA1 and HMAC-SHA256 over the signature base string (OAuth Core 1.0 §9).</summary>
internal static class Signing
{
    /// <summary>The signature.</summary>
    /// <param name="method">The HTTP method, in capitals.</param>
    /// <param name="address">The address that the request goes to; its query is among the signed parameters.</param>
    /// <param name="parameters">Everything else that is signed, decoded.</param>
    /// <param name="consumerSecret">Empty in OpenMicroBlogging, unless agreed otherwise.</param>
    /// <param name="tokenSecret">Empty where there is no token yet.</param>
    /// <param name="isSha256">HMAC-SHA256 instead of HMAC-SHA1.</param>
    public static string Sign(
        string method, string address, IEnumerable<KeyValuePair<string, string>> parameters, string consumerSecret, string tokenSecret, bool isSha256 = false)
    {
        var text = Encoding.ASCII.GetBytes(BaseString(method, address, parameters));
        var key = Encoding.ASCII.GetBytes(Key(consumerSecret, tokenSecret));
        return Convert.ToBase64String(isSha256 ? HMACSHA256.HashData(key, text) : HMACSHA1.HashData(key, text));
    }

    /// <summary>The signature base string (§9.1.3).</summary>
    public static string BaseString(string method, string address, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var parts = address.Split('#')[0].Split('?', 2);
        var all = parts.Length > 1 ? parameters.Concat(FormText.Read(parts[1])) : parameters;
        var normalised = string.Join('&', all.Where(p => p.Key is not ("oauth_signature" or "realm"))
            .Select(p => (Name: FormText.Encode(p.Key), Value: FormText.Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal)
            .Select(p => p.Name + "=" + p.Value));
        return $"{method}&{FormText.Encode(BaseUri(parts[0]))}&{FormText.Encode(normalised)}";
    }

    /// <summary>The key: both secrets encoded, and the ampersand also where they are empty (§9.2).</summary>
    public static string Key(string consumerSecret, string tokenSecret) => $"{FormText.Encode(consumerSecret)}&{FormText.Encode(tokenSecret)}";

    // Scheme and host in lower case, without the default port; the path as it is written.
    private static string BaseUri(string address)
    {
        var uri = new Uri(address);
        var rest = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return uri.GetLeftPart(UriPartial.Authority).ToLowerInvariant() + (slash < 0 ? "/" : rest[slash..]);
    }
}
