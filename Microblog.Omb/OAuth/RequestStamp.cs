namespace Microblog.Omb.OAuth;

/// <summary>What makes one attempt of a request unique. Each attempt, retries included, takes a fresh one (OAUTH-25).</summary>
/// <param name="Timestamp">Seconds since 1970, UTC.</param>
/// <param name="Nonce">At most 32 letters and digits.</param>
public sealed record RequestStamp(long Timestamp, string Nonce)
{
    /// <summary>A stamp with a random nonce of 20 letters and digits.</summary>
    /// <param name="now">The time, as the provider's clock has it: a consumer whose clock is wrong corrects it here by what
    /// <c>oauth_acceptable_timestamps</c> said.</param>
    public static RequestStamp Fresh(DateTimeOffset now) => new(now.ToUnixTimeSeconds(), RandomText.Alphanumeric(20));
}
