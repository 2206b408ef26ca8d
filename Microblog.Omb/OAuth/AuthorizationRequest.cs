namespace Microblog.Omb.OAuth;

/// <summary>What a visit to the authorization page finds.</summary>
public abstract record AuthorizationRequest
{
    private AuthorizationRequest()
    {
    }

    /// <summary>The person may be asked. Nothing is sent to the callback before they have decided (OAUTH-43).</summary>
    /// <param name="Token">The request token.</param>
    /// <param name="Callback">Where the browser goes afterwards; <see langword="null"/> for <c>oob</c>, or when a 1.0 consumer named
    /// none.</param>
    /// <param name="CallbackHostDiffers">The callback is on another host than the consumer key. With an empty consumer secret the
    /// page must say so and name that host before the button, or refuse (OAUTH-36, OAUTH-44).</param>
    public sealed record Pending(RequestToken Token, CallbackUri? Callback, bool CallbackHostDiffers) : AuthorizationRequest;

    /// <summary>There is nothing to decide: show an error page and do not redirect.</summary>
    public sealed record Refused(AuthorizationProblem Problem) : AuthorizationRequest;
}

/// <summary>Why the authorization page has nothing to ask.</summary>
public enum AuthorizationProblem
{
    /// <summary>The address carries no token.</summary>
    NoToken,

    /// <summary>There is no such request token.</summary>
    UnknownToken,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>The person has decided already, or it has been exchanged.</summary>
    AlreadyDecided,

    /// <summary>1.0: the callback is no address that a browser may be sent to.</summary>
    BadCallback,

    /// <summary>1.0a: the address names another callback than the request token request did (OAUTH-35).</summary>
    CallbackDiffers,

    /// <summary>It is a 1.0 token, and the operator has switched 1.0 off (OAUTH-37).</summary>
    Version10IsOff,
}

/// <summary>What follows from a decision.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>The person agreed.</summary>
    /// <param name="ReturnTo">The callback with <c>oauth_token</c> and for 1.0a <c>oauth_verifier</c> added;
    /// <see langword="null"/> when there is none.</param>
    /// <param name="Verifier"><c>oob</c>: to be shown to the person, who carries it over (OAUTH-42); else <see langword="null"/>.</param>
    public sealed record Granted(string? ReturnTo, string? Verifier) : Decision
    {
        /// <summary>Says nothing, so that no log shows a verifier by accident.</summary>
        public override string ToString() => nameof(Granted);
    }

    /// <summary>The person refused.</summary>
    /// <param name="ReturnTo">The callback with <c>oauth_problem=user_refused</c> and without the token, which some consumers take
    /// for success; <see langword="null"/> when there is none.</param>
    public sealed record Denied(string? ReturnTo) : Decision;

    /// <summary>Nothing happened: an error page.</summary>
    public sealed record Refused(AuthorizationProblem Problem) : Decision;
}
