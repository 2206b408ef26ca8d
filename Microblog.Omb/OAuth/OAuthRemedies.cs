namespace Microblog.Omb.OAuth;

/// <summary>Says in words what a consumer has to change, for the provider's operator to pass on.</summary>
internal static class OAuthRemedies
{
    public static string Of(OAuthProblem problem) => problem switch
    {
        OAuthProblem.VersionRejected => "Send oauth_version=1.0, or leave it out.",
        OAuthProblem.ParameterAbsent => "Send the missing parameters, once each, in the header or in a form body.",
        OAuthProblem.ParameterRejected => "Send each parameter once, well-formed, and nothing that the request does not take.",
        OAuthProblem.SignatureMethodRejected => "Sign with HMAC-SHA1. PLAINTEXT needs TLS.",
        OAuthProblem.TimestampRefused => "Set the clock right, in seconds since 1970 UTC. If many peers are refused for this, the clock of this node is wrong.",
        OAuthProblem.NonceUsed => "Take a fresh nonce for every attempt, also when repeating one.",
        OAuthProblem.SignatureInvalid =>
            "Sign the very address that the discovery document names, all parameters as they are sent, and use the secrets of consumer and token. "
            + "If many peers are refused for this, something on the way changes their requests: microblog doctor finds out what.",
        OAuthProblem.ConsumerKeyUnknown or OAuthProblem.ConsumerKeyRejected => "Nothing: this consumer is not admitted here.",
        OAuthProblem.ConsumerKeyRefused => "Wait, and ask for fewer request tokens.",
        OAuthProblem.TokenUsed => "Exchange a request token once, and keep what it brought.",
        OAuthProblem.TokenExpired => "Begin the subscription anew: too much time has passed.",
        OAuthProblem.TokenRejected => "Use the token with the consumer key and at the address for which it was issued, or begin the subscription anew.",
        OAuthProblem.TokenRevoked => "Nothing: the listener has ended the subscription.",
        OAuthProblem.VerifierInvalid => "Send the oauth_verifier that the browser brought back.",
        OAuthProblem.PermissionUnknown => "Wait until the person has decided.",
        OAuthProblem.PermissionDenied or OAuthProblem.UserRefused => "Nothing: the person said no.",
        OAuthProblem.TransportInsecure =>
            "Ask by https. If the sender did, the proxy in front of this node does not say so to the application: microblog doctor finds out.",
        _ => "",
    };
}
