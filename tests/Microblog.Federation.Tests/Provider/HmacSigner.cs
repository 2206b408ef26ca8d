using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microblog.Federation.Tests.Provider;

/// <summary>HMAC-SHA1 (and HMAC-SHA256) as RFC 5849 §3.4 describes it, written anew for these tests so that the node is not checked by its own code.</summary>
internal static class HmacSigner
{
    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    public static string Encode(byte[] bytes)
    {
        var encoded = new StringBuilder();
        foreach (var value in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                encoded.Append((char)value);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>Signs parameters whose names are plain and whose values are encoded already.</summary>
    public static string Sign(string method, string address, IEnumerable<Field> parameters, string consumerSecret, string tokenSecret, bool isSha256 = false)
    {
        var pairs = parameters.Select(p => (Name: Encode(p.Name), p.Signed))
            .OrderBy(p => p.Name, StringComparer.Ordinal)
            .ThenBy(p => p.Signed, StringComparer.Ordinal)
            .Select(p => p.Name + "=" + p.Signed);
        var text = $"{method}&{Encode(address)}&{Encode(string.Join('&', pairs))}";
        var (key, message) = (Encoding.ASCII.GetBytes($"{Encode(consumerSecret)}&{Encode(tokenSecret)}"), Encoding.ASCII.GetBytes(text));
        return Convert.ToBase64String(isSha256 ? HMACSHA256.HashData(key, message) : HMACSHA1.HashData(key, message));
    }
}

/// <summary>One parameter: its name, how its value stands on the wire, and how it stands in the signature base string.</summary>
internal sealed record Field(string Name, string Wire, string Signed)
{
    public static Field Of(string name, string value) => new(name, HmacSigner.Encode(value), HmacSigner.Encode(value));

    /// <summary>A value of arbitrary bytes.</summary>
    public static Field OfBytes(string name, byte[] value) => new(name, HmacSigner.Encode(value), HmacSigner.Encode(value));

    public static string Form(IEnumerable<Field> fields) => string.Join('&', fields.Select(f => $"{f.Name}={f.Wire}"));
}
