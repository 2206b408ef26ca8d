namespace Microblog.Omb.OAuth;

/// <summary>Whether a signed request holds.</summary>
public abstract record Verification
{
    private Verification()
    {
    }

    /// <summary>The signature is right. Whether the nonce is new is still to be asked, together with the effect.</summary>
    /// <param name="ConsumerKey">Who signed.</param>
    /// <param name="Token">The token that was used; <see langword="null"/> without one.</param>
    /// <param name="Nonce">To be remembered once; <see langword="null"/> only for PLAINTEXT, which may come without.</param>
    public sealed record Accepted(string ConsumerKey, string? Token, OAuthNonce? Nonce) : Verification;

    /// <summary>The request is refused and must change nothing (OAUTH-17).</summary>
    public sealed record Rejected(OAuthRefusal Refusal) : Verification;
}
