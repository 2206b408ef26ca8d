using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microblog.Omb.OAuth;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Remembers nonces in the node's store.</summary>
internal static class OmbNonces
{
    private const string Scope = "omb.nonce";

    /// <summary>Whether the nonce is new; only PLAINTEXT comes without one.</summary>
    public static async ValueTask<bool> RememberAsync(IStoreSession session, OAuthNonce? nonce, CancellationToken cancellationToken) =>
        Key(nonce) is not { } key || await session.Credentials.OnceAsync(key, cancellationToken).ConfigureAwait(false);

    /// <summary>What is remembered of a nonce.</summary>
    public static OnceKey? Key(OAuthNonce? nonce) => nonce is null ? null : new OnceKey(Scope, HashOf(nonce), nonce.ForgetAfter);

    // A hash, for consumer key, token and nonce together may be longer than a store's key. Lengths keep the parts apart.
    private static string HashOf(OAuthNonce nonce)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{nonce.ConsumerKey.Length}:{nonce.ConsumerKey}{nonce.Token.Length}:{nonce.Token}{nonce.Timestamp}:{nonce.Value}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToBase64String(hash[..18]);
    }
}
