namespace Microblog.Omb.OAuth;

/// <summary>How a request is signed (RFC 5849 §3.4). Values combine to say which methods a provider offers.</summary>
[Flags]
public enum SignatureMethod
{
    /// <summary>No method.</summary>
    None = 0,

    /// <summary><c>HMAC-SHA1</c>, which every peer knows.</summary>
    HmacSha1 = 1,

    /// <summary><c>HMAC-SHA256</c>: not in RFC 5849, yet offered under this name by many providers (OAUTH-18).</summary>
    HmacSha256 = 2,

    /// <summary><c>RSA-SHA1</c>, with a public key exchanged beforehand.</summary>
    RsaSha1 = 4,

    /// <summary><c>PLAINTEXT</c>: the secrets themselves, so only by TLS (OAUTH-8).</summary>
    Plaintext = 8,

    /// <summary><c>RSA-SHA256</c>, as <see cref="RsaSha1"/> with a hash of today: not in RFC 5849, yet offered under this name by some providers.</summary>
    RsaSha256 = 16,

    /// <summary>Every method.</summary>
    All = HmacSha1 | HmacSha256 | RsaSha1 | RsaSha256 | Plaintext,
}

/// <summary>Signature methods by their names on the wire.</summary>
public static class SignatureMethods
{
    /// <summary>The name on the wire of a single method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no single method.</exception>
    public static string WireName(this SignatureMethod method) => method switch
    {
        SignatureMethod.HmacSha1 => "HMAC-SHA1",
        SignatureMethod.HmacSha256 => "HMAC-SHA256",
        SignatureMethod.RsaSha1 => "RSA-SHA1",
        SignatureMethod.RsaSha256 => "RSA-SHA256",
        SignatureMethod.Plaintext => "PLAINTEXT",
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>Whether it signs with a key pair instead of with secrets.</summary>
    public static bool IsRsa(this SignatureMethod method) => method is SignatureMethod.RsaSha1 or SignatureMethod.RsaSha256;

    /// <summary>The method of an encoded wire name, compared with its case; <see cref="SignatureMethod.None"/> for another.</summary>
    internal static SignatureMethod Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("HMAC-SHA1"u8) ? SignatureMethod.HmacSha1
        : name.SequenceEqual("HMAC-SHA256"u8) ? SignatureMethod.HmacSha256
        : name.SequenceEqual("RSA-SHA1"u8) ? SignatureMethod.RsaSha1
        : name.SequenceEqual("RSA-SHA256"u8) ? SignatureMethod.RsaSha256
        : name.SequenceEqual("PLAINTEXT"u8) ? SignatureMethod.Plaintext
        : SignatureMethod.None;
}
