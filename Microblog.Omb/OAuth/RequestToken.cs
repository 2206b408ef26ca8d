namespace Microblog.Omb.OAuth;

/// <summary>How far the dance with a request token has come.</summary>
public enum RequestTokenState
{
    /// <summary>The person has not decided.</summary>
    Pending,

    /// <summary>The person agreed; it can be exchanged once.</summary>
    Granted,

    /// <summary>The person refused.</summary>
    Denied,

    /// <summary>It has been exchanged.</summary>
    Used,

    /// <summary>Too many wrong verifiers came.</summary>
    Destroyed,
}

/// <summary>A request token (RFC 5849: temporary credentials) as a store keeps it.</summary>
public sealed record RequestToken
{
    /// <summary>Token and secret. The secret is kept protected at rest (OAUTH-46).</summary>
    public required TokenCredentials Credentials { get; init; }

    /// <summary>The consumer it was issued to; nobody else can use it (OAUTH-39).</summary>
    public required string ConsumerKey { get; init; }

    /// <summary>1.0a: the callback's address or <c>oob</c>. <see langword="null"/> marks a 1.0 token.</summary>
    public required string? Callback { get; init; }

    /// <summary>When it stops being worth anything. A store keeps it a while longer, to answer <c>token_expired</c> or
    /// <c>token_used</c>.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whatever the application attached when it was issued. Opaque here.</summary>
    public string Data { get; init; } = "";

    /// <summary>How far the dance has come.</summary>
    public RequestTokenState State { get; init; }

    /// <summary>Whatever the application attached to the decision: who decided, and on what. Opaque here.</summary>
    public string GrantData { get; init; } = "";

    /// <summary>1.0a: what the consumer has to show at the exchange; <see langword="null"/> before the decision.</summary>
    public string? Verifier { get; init; }

    /// <summary>How many wrong verifiers have come.</summary>
    public int WrongVerifiers { get; init; }

    /// <summary>Whether the dance goes by OAuth 1.0a, with a verifier.</summary>
    public bool Is10a => Callback is not null;

    /// <summary>Says nothing, so that no log shows a verifier by accident.</summary>
    public override string ToString() => nameof(RequestToken);
}
