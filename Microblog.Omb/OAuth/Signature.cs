using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Microblog.Omb.OAuth;

/// <summary>Computes and compares signatures (RFC 5849 §3.4.2 to §3.4.4).</summary>
internal static class Signature
{
    /// <summary>Longest signature in characters that is looked at: RSA with 6144 bits in Base64, or two long secrets in PLAINTEXT.</summary>
    private const int MaxLength = 1024;

    /// <summary>The signature as it is written into <c>oauth_signature</c>, not percent-encoded.</summary>
    /// <exception cref="ArgumentException">RSA without a key.</exception>
    public static string Create(SignatureMethod method, ReadOnlySpan<byte> baseString, OAuthSecrets secrets)
    {
        if (method is SignatureMethod.Plaintext)
            return PercentEncoding.Encode(secrets.Consumer) + "&" + PercentEncoding.Encode(secrets.Token);

        if (method.IsRsa())
        {
            var key = secrets.RsaKey ?? throw new ArgumentException($"{method.WireName()} needs a key.", nameof(secrets));
            return Convert.ToBase64String(key.SignData(baseString.ToArray(), HashOf(method), RSASignaturePadding.Pkcs1));
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return Convert.ToBase64String(hash[..Hmac(method, baseString, secrets, hash)]);
    }

    /// <summary>Whether a signature that travelled is the right one; compared in constant time (OAUTH-9).</summary>
    /// <param name="method">One single method.</param>
    /// <param name="encodedSignature">The signature, percent-encoded once.</param>
    /// <param name="baseString">The base string; not looked at for PLAINTEXT.</param>
    /// <param name="secrets">What the two share.</param>
    public static bool Matches(
        SignatureMethod method, ReadOnlySpan<byte> encodedSignature, ReadOnlySpan<byte> baseString, OAuthSecrets secrets)
    {
        if (encodedSignature.Length > MaxLength)
            return false;

        Span<byte> sent = stackalloc byte[MaxLength];
        sent = sent[..PercentEncoding.Decode(encodedSignature, sent)];
        if (method is SignatureMethod.Plaintext)
        {
            var expected = System.Text.Encoding.ASCII.GetBytes(Create(method, default, secrets));
            return CryptographicOperations.FixedTimeEquals(sent, expected);
        }

        if (Base64.DecodeFromUtf8InPlace(sent, out var length) is not OperationStatus.Done)
            return false;

        sent = sent[..length];
        if (method.IsRsa())
            return secrets.RsaKey?.VerifyData(baseString, sent, HashOf(method), RSASignaturePadding.Pkcs1) ?? false;

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return CryptographicOperations.FixedTimeEquals(sent, hash[..Hmac(method, baseString, secrets, hash)]);
    }

    private static HashAlgorithmName HashOf(SignatureMethod rsa) => rsa is SignatureMethod.RsaSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;

    private static int Hmac(SignatureMethod method, ReadOnlySpan<byte> baseString, OAuthSecrets secrets, Span<byte> hash)
    {
        // The ampersand stays when one or both secrets are empty (OAUTH-7).
        var length = ((secrets.Consumer.Length + secrets.Token.Length) * PercentEncoding.MaxGrowthOfChar) + 1;
        var rented = length > 1024 ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> key = rented ?? stackalloc byte[1024];
        var written = PercentEncoding.Encode(secrets.Consumer, key);
        key[written++] = (byte)'&';
        written += PercentEncoding.Encode(secrets.Token, key[written..]);
        key = key[..written];
        var size = method is SignatureMethod.HmacSha256
            ? HMACSHA256.HashData(key, baseString, hash)
            : HMACSHA1.HashData(key, baseString, hash);
        CryptographicOperations.ZeroMemory(key);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);

        return size;
    }
}
