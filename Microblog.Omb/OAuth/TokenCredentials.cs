namespace Microblog.Omb.OAuth;

/// <summary>A request token or access token with its secret (RFC 5849: temporary credentials, token credentials).</summary>
/// <remarks>Not a record, so that no log shows the secret by accident (OAUTH-41).</remarks>
public sealed class TokenCredentials(string token, string secret)
{
    /// <summary>What is sent.</summary>
    public string Token { get; } = token ?? throw new ArgumentNullException(nameof(token));

    /// <summary>What is never sent after it was issued.</summary>
    public string Secret { get; } = secret ?? throw new ArgumentNullException(nameof(secret));

    /// <summary>A new random pair, 32 letters and digits each.</summary>
    public static TokenCredentials Create() => new(RandomText.Alphanumeric(32), RandomText.Alphanumeric(32));
}
