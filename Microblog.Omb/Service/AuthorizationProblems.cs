using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>Says in words why there is nothing to decide.</summary>
internal static class AuthorizationProblems
{
    public static string Explain(AuthorizationProblem problem) => problem switch
    {
        AuthorizationProblem.NoToken => "The address carries no oauth_token.",
        AuthorizationProblem.UnknownToken => "The token in the address is unknown here. Begin anew at the other site.",
        AuthorizationProblem.Expired => "Too much time has passed. Begin anew at the other site.",
        AuthorizationProblem.AlreadyDecided => "This was decided already. Begin anew at the other site if you need to.",
        AuthorizationProblem.BadCallback => "The oauth_callback is not an http(s) address.",
        AuthorizationProblem.CallbackDiffers => "The oauth_callback is not the one that the token was requested with.",
        AuthorizationProblem.Version10IsOff => "This site takes OAuth 1.0a only, and the other site spoke OAuth 1.0.",
        _ => "The request cannot be decided.",
    };
}
