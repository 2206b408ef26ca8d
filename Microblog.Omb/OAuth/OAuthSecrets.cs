using System.Security.Cryptography;

namespace Microblog.Omb.OAuth;

/// <summary>What a consumer and a provider share and never send (PLAINTEXT apart).</summary>
/// <remarks>Not a record, so that no log shows it by accident (OAUTH-41).</remarks>
/// <param name="consumer">The consumer secret, perhaps empty.</param>
/// <param name="token">The secret of the token in use, empty without one.</param>
public sealed class OAuthSecrets(string consumer, string token = "")
{
    /// <summary>Two empty secrets: a request token request in a network where nobody registers.</summary>
    public static OAuthSecrets Empty { get; } = new("");

    /// <summary>The consumer secret (RFC 5849: client shared-secret).</summary>
    public string Consumer { get; } = consumer ?? throw new ArgumentNullException(nameof(consumer));

    /// <summary>The token secret (RFC 5849: token shared-secret).</summary>
    public string Token { get; } = token ?? throw new ArgumentNullException(nameof(token));

    /// <summary>The consumer's RSA key for RSA: public to verify, private to sign. <see langword="null"/> when none was
    /// exchanged; then every such signature is wrong. The caller owns it.</summary>
    public RSA? RsaKey { get; init; }
}
