namespace Microblog.Omb.OAuth;

/// <summary>An access token (RFC 5849: token credentials) as a store keeps it. It does not expire.</summary>
public sealed record AccessToken
{
    /// <summary>Token and secret. The secret is kept protected at rest (OAUTH-46).</summary>
    public required TokenCredentials Credentials { get; init; }

    /// <summary>The consumer it was issued to; nobody else can use it (OAUTH-39).</summary>
    public required string ConsumerKey { get; init; }

    /// <summary>What the application attached to the request token.</summary>
    public string Data { get; init; } = "";

    /// <summary>What the application attached to the decision.</summary>
    public string GrantData { get; init; } = "";

    /// <summary>Whether the person took it back. A revoked token is answered 403, so keep it as long as somebody may send it.</summary>
    public bool IsRevoked { get; init; }
}
