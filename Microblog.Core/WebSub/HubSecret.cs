using System.Security.Cryptography;
using System.Text;
using Microblog.Identity;

namespace Microblog.WebSub;

/// <summary>A subscriber's secret, sealed together with the method that it is to sign by.</summary>
internal static class HubSecret
{
    /// <summary>Longest secret, in bytes: below 200 (W3C WebSub §5.1).</summary>
    public const int MaxBytes = 199;

    private const byte Sha1 = 1;
    private const byte Sha256 = 2;

    /// <summary>Seals a secret for the store.</summary>
    /// <param name="protector">Seals it.</param>
    /// <param name="secret">As the subscriber gave it; empty for none.</param>
    /// <param name="isForSha1">Whether the subscriber knows no other method.</param>
    public static ReadOnlyMemory<byte> Seal(ISecretProtector protector, string secret, bool isForSha1) =>
        secret.Length == 0 ? default : protector.Protect([isForSha1 ? Sha1 : Sha256, .. Encoding.UTF8.GetBytes(secret)]);

    /// <summary>The value of <c>X-Hub-Signature</c> (W3C WebSub §8); <see langword="null"/> when the secret cannot be opened.</summary>
    public static string? Sign(ISecretProtector protector, ReadOnlySpan<byte> sealedSecret, ReadOnlySpan<byte> body) => protector.Unprotect(sealedSecret) switch
    {
        [Sha1, .. var secret] => "sha1=" + Convert.ToHexStringLower(HMACSHA1.HashData(secret, body)),
        [Sha256, .. var secret] => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(secret, body)),
        _ => null,
    };
}
