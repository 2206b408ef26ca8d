using System.Security.Cryptography;

namespace Microblog.Omb.OAuth;

/// <summary>What a provider knows about a consumer.</summary>
/// <param name="secret">The agreed secret; empty where nobody registers.</param>
public sealed class OAuthConsumer(string secret)
{
    /// <summary>A consumer that never registered: its secret is empty, so its signature on a request token request proves
    /// nothing (OAUTH-31).</summary>
    public static OAuthConsumer Open { get; } = new("");

    /// <summary>The agreed secret.</summary>
    public string Secret { get; } = secret ?? throw new ArgumentNullException(nameof(secret));

    /// <summary>The agreed public key for RSA-SHA1 and RSA-SHA256, or <see langword="null"/>.</summary>
    public RSA? RsaKey { get; init; }

    /// <summary>The callback that was agreed, for a request for a request token that names none; then the dance goes by 1.0a with this one.
    /// <see langword="null"/> when there is none.</summary>
    /// <remarks>One in a scheme of the consumer's own makes addresses of that scheme acceptable in its requests; of others nobody knows which program
    /// of the person's device answers them.</remarks>
    public CallbackUri? Callback { get; init; }

    /// <summary>Why this consumer is turned away, such as <see cref="OAuthProblem.ConsumerKeyRejected"/>; <see langword="null"/>
    /// when it is not.</summary>
    public OAuthProblem? Refusal { get; init; }
}
