namespace Microblog.Omb.OAuth;

/// <summary>The parameter names of OAuth 1.0, 1.0a and the Problem Reporting extension, spelled as on the wire.</summary>
public static class OAuthNames
{
    /// <summary>Who calls.</summary>
    public const string ConsumerKey = "oauth_consumer_key";

    /// <summary>The request token or access token.</summary>
    public const string Token = "oauth_token";

    /// <summary>The secret that belongs to a token, in token answers only.</summary>
    public const string TokenSecret = "oauth_token_secret";

    /// <summary>How the request is signed.</summary>
    public const string SignatureMethod = "oauth_signature_method";

    /// <summary>The signature; the one parameter that is never signed.</summary>
    public const string Signature = "oauth_signature";

    /// <summary>Seconds since 1970, UTC.</summary>
    public const string Timestamp = "oauth_timestamp";

    /// <summary>What makes requests of one second differ.</summary>
    public const string Nonce = "oauth_nonce";

    /// <summary><c>1.0</c> or absent.</summary>
    public const string Version = "oauth_version";

    /// <summary>Where the browser goes after the decision: in the request token request (1.0a) or the authorization URL (1.0).</summary>
    public const string Callback = "oauth_callback";

    /// <summary><c>true</c> in a request token answer that took the callback (1.0a).</summary>
    public const string CallbackConfirmed = "oauth_callback_confirmed";

    /// <summary>What proves at the access token step that the person came back (1.0a).</summary>
    public const string Verifier = "oauth_verifier";

    /// <summary>What went wrong, by one of the words of <see cref="OAuthProblems"/>.</summary>
    public const string Problem = "oauth_problem";

    /// <summary>What went wrong, for a human.</summary>
    public const string ProblemAdvice = "oauth_problem_advice";

    /// <summary>The versions that the provider accepts, <c>low-high</c>.</summary>
    public const string AcceptableVersions = "oauth_acceptable_versions";

    /// <summary>The timestamps that the provider accepts, <c>earliest-latest</c>.</summary>
    public const string AcceptableTimestamps = "oauth_acceptable_timestamps";

    /// <summary>The names of the parameters that were missing.</summary>
    public const string ParametersAbsent = "oauth_parameters_absent";

    /// <summary>The parameters that were refused, as pairs.</summary>
    public const string ParametersRejected = "oauth_parameters_rejected";
}
