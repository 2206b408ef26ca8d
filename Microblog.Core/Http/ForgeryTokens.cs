using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Microblog.Http;

/// <summary>Tokens in our forms that only our own pages can have put there: an HMAC over person, action and expiry.</summary>
/// <remarks>They need no cookie and no web framework, so that consent works in any host (OMB-31, OAUTH-43).</remarks>
public sealed class ForgeryTokens(NodeKeys keys, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>The name of the form field.</summary>
    public const string Field = "forgery_token";

    /// <summary>Makes a token.</summary>
    /// <param name="subject">For whom (<see cref="Identity.HostUser.Subject"/>), or a browser session's secret where nobody is signed in.</param>
    /// <param name="action">For what: the same text that <see cref="IsValid"/> is asked with.</param>
    public string Issue(string subject, string action)
    {
        Span<byte> token = stackalloc byte[8 + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        Sign(token[..8], subject, action, token[8..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whether the token was issued for this person and action, and has not expired.</summary>
    public bool IsValid(string? token, string subject, string action)
    {
        Span<byte> bytes = stackalloc byte[8 + HMACSHA256.HashSizeInBytes];
        if (token is null || token.Length > 128 || !Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length != bytes.Length)
            return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(bytes[..8], subject, action, expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[8..])
            && BinaryPrimitives.ReadInt64BigEndian(bytes) > clock.GetUtcNow().ToUnixTimeSeconds();
    }

    private void Sign(ReadOnlySpan<byte> expiry, string subject, string action, Span<byte> signature)
    {
        // Lengths first, so that no two pairs of texts give the same bytes.
        var message = Encoding.UTF8.GetBytes($"{subject.Length}:{subject}{action.Length}:{action}{Convert.ToHexString(expiry)}");
        HMACSHA256.HashData(keys.ForgeryKey, message, signature);
    }
}
