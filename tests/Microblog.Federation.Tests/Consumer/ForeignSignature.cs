using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>HMAC-SHA1 of OAuth Core 1.0 §9, written for the test from the specification and sharing nothing with the product.</summary>
internal static class ForeignSignature
{
    [SuppressMessage("Security", "CA5350", Justification = "OAuth 1.0 prescribes it.")]
    public static bool IsValid(ForeignRequest request, string origin, string tokenSecret)
    {
        var fields = request.QueryFields.Concat(request.Form).ToList();
        var pairs = fields.Where(f => f.Key != "oauth_signature")
            .Select(f => (Name: Encode(f.Key), Value: Encode(f.Value)))
            .OrderBy(f => f.Name, StringComparer.Ordinal).ThenBy(f => f.Value, StringComparer.Ordinal)
            .Select(f => f.Name + "=" + f.Value);
        var baseString = request.Method + "&" + Encode(origin + request.Path) + "&" + Encode(string.Join('&', pairs));
        // The consumer secret is empty in OpenMicroBlogging.
        var mac = HMACSHA1.HashData(Encoding.ASCII.GetBytes("&" + Encode(tokenSecret)), Encoding.ASCII.GetBytes(baseString));
        return fields.Single(f => f.Key == "oauth_signature").Value == Convert.ToBase64String(mac);
    }

    private static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || (char)b is '-' or '.' or '_' or '~')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }
}
