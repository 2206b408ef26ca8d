namespace Microblog.Omb.OAuth;

/// <summary>A request to a protected resource, looked at.</summary>
public abstract record ProtectedRequest
{
    private ProtectedRequest()
    {
    }

    /// <summary>The signature is right and the token lives. <paramref name="Nonce"/> is not remembered yet: do that in the
    /// transaction of the effect, or by <see cref="IOAuthTokens.RememberAsync"/> where there is none.</summary>
    public sealed record Accepted(SignedRequest Request, AccessToken Token, OAuthNonce? Nonce) : ProtectedRequest;

    /// <summary>The request must change nothing.</summary>
    public sealed record Refused(OAuthRefusal Refusal) : ProtectedRequest;
}
