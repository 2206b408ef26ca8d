using System.Collections.Frozen;

namespace Microblog.Omb.OAuth;

/// <summary>Every reason for which an OAuth request is refused, as the Problem Reporting extension names them.</summary>
public enum OAuthProblem
{
    /// <summary>A peer named a problem that we do not know (OAUTH-63). Never sent.</summary>
    Unknown,

    /// <summary><c>oauth_version</c> is there and not <c>1.0</c>.</summary>
    VersionRejected,

    /// <summary>A required parameter is missing.</summary>
    ParameterAbsent,

    /// <summary>A parameter is unexpected, repeated or malformed.</summary>
    ParameterRejected,

    /// <summary>The signature method is unknown or not offered here.</summary>
    SignatureMethodRejected,

    /// <summary>The timestamp lies outside the window.</summary>
    TimestampRefused,

    /// <summary>The nonce was used before.</summary>
    NonceUsed,

    /// <summary>The signature is wrong.</summary>
    SignatureInvalid,

    /// <summary>Nobody knows this consumer.</summary>
    ConsumerKeyUnknown,

    /// <summary>This consumer is blocked for good.</summary>
    ConsumerKeyRejected,

    /// <summary>This consumer is blocked for now, such as by a limit.</summary>
    ConsumerKeyRefused,

    /// <summary>The request token has been exchanged already.</summary>
    TokenUsed,

    /// <summary>The token's time is over.</summary>
    TokenExpired,

    /// <summary>The token is unknown, of the other kind, or another consumer's.</summary>
    TokenRejected,

    /// <summary>The person took the access back. The only one that is 403 (OAUTH-62).</summary>
    TokenRevoked,

    /// <summary>The verifier is wrong.</summary>
    VerifierInvalid,

    /// <summary>The person has not decided yet.</summary>
    PermissionUnknown,

    /// <summary>The person said no to this access.</summary>
    PermissionDenied,

    /// <summary>The person has to authorize once more.</summary>
    AdditionalAuthorizationRequired,

    /// <summary>The person refused.</summary>
    UserRefused,

    /// <summary>A token was asked for by http from a provider whose address is https (OAUTH-45). Has no word of its own on the
    /// wire: only advice is sent.</summary>
    TransportInsecure,
}

/// <summary>Words and status codes of <see cref="OAuthProblem"/>.</summary>
public static class OAuthProblems
{
    private static readonly FrozenDictionary<string, OAuthProblem> ByWord = Enum.GetValues<OAuthProblem>()
        .Where(problem => problem.WireWord().Length > 0)
        .ToFrozenDictionary(WireWord, StringComparer.Ordinal);

    /// <summary>The value of <c>oauth_problem</c>; empty where there is none.</summary>
    public static string WireWord(this OAuthProblem problem) => problem switch
    {
        OAuthProblem.VersionRejected => "version_rejected",
        OAuthProblem.ParameterAbsent => "parameter_absent",
        OAuthProblem.ParameterRejected => "parameter_rejected",
        OAuthProblem.SignatureMethodRejected => "signature_method_rejected",
        OAuthProblem.TimestampRefused => "timestamp_refused",
        OAuthProblem.NonceUsed => "nonce_used",
        OAuthProblem.SignatureInvalid => "signature_invalid",
        OAuthProblem.ConsumerKeyUnknown => "consumer_key_unknown",
        OAuthProblem.ConsumerKeyRejected => "consumer_key_rejected",
        OAuthProblem.ConsumerKeyRefused => "consumer_key_refused",
        OAuthProblem.TokenUsed => "token_used",
        OAuthProblem.TokenExpired => "token_expired",
        OAuthProblem.TokenRejected => "token_rejected",
        OAuthProblem.TokenRevoked => "token_revoked",
        OAuthProblem.VerifierInvalid => "verifier_invalid",
        OAuthProblem.PermissionUnknown => "permission_unknown",
        OAuthProblem.PermissionDenied => "permission_denied",
        OAuthProblem.AdditionalAuthorizationRequired => "additional_authorization_required",
        OAuthProblem.UserRefused => "user_refused",
        _ => "",
    };

    /// <summary>The HTTP status it is answered with (OAuth Core 1.0 §10; RFC 5849 §3.2).</summary>
    /// <remarks>A missing verifier is 401 as well; see <see cref="OAuthRefusal.Status"/>.</remarks>
    public static int Status(this OAuthProblem problem) => problem switch
    {
        OAuthProblem.VersionRejected or OAuthProblem.ParameterAbsent or OAuthProblem.ParameterRejected
            or OAuthProblem.SignatureMethodRejected or OAuthProblem.TransportInsecure => 400,
        OAuthProblem.TokenRevoked => 403,
        OAuthProblem.ConsumerKeyRefused => 503,
        _ => 401,
    };

    /// <summary>The problem that a peer named; <see cref="OAuthProblem.Unknown"/> for a word we do not know.</summary>
    public static OAuthProblem Parse(string? word) => ByWord.GetValueOrDefault(word?.Trim() ?? "", OAuthProblem.Unknown);
}
