namespace Microblog.Http;

/// <summary>One method and address that a room answers.</summary>
public sealed record NodeRoute
{
    /// <summary>The HTTP method, upper case. A GET route answers HEAD as well.</summary>
    public required string Method { get; init; }

    /// <summary>Path below <see cref="Place"/>, such as <c>/user/{id}/xrds</c>: a placeholder fills one whole segment.</summary>
    public required string Template { get; init; }

    /// <summary>What <see cref="Template"/> is relative to. Default: the node's base.</summary>
    public RoutePlace Place { get; init; } = RoutePlace.Node;

    /// <summary>Largest body in bytes; a larger one is answered 413 before it is read to the end. Default 0: the body is not read.</summary>
    public int MaxBodyBytes { get; init; }

    /// <summary>Whether the handler reads the body itself, as it comes, once it is known who sends it. Default: no, it is read before.</summary>
    public bool StreamsBody { get; init; }

    /// <summary>Who may call. Default: anyone.</summary>
    public RouteAccess Access { get; init; } = RouteAccess.Anyone;

    /// <summary>Which rate limit counts it. Default: <see cref="RateClass.Page"/>.</summary>
    public RateClass Rate { get; init; } = RateClass.Page;

    /// <summary>Answers the request. Expected refusals are responses; an exception is our own fault and becomes a 500.</summary>
    public required Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> Handler { get; init; }
}

/// <summary>What a route's template is relative to.</summary>
public enum RoutePlace
{
    /// <summary>The node's base URI.</summary>
    Node,

    /// <summary>The root of the site, for addresses that are fixed by others: <c>/.well-known</c>, client APIs.</summary>
    Site,
}

/// <summary>Who may call a route.</summary>
public enum RouteAccess
{
    /// <summary>Everybody; the handler may still look at who is signed in.</summary>
    Anyone,

    /// <summary>A signed-in user of the host; others are asked to sign in.</summary>
    Person,

    /// <summary>A bearer of a protocol's credential, which the handler verifies.</summary>
    Credential,

    /// <summary>An operator of the node, by the host's word.</summary>
    Operator,
}

/// <summary>Which rate limit counts a request.</summary>
public enum RateClass
{
    /// <summary>Reading pages and documents.</summary>
    Page,

    /// <summary>A person's own writes.</summary>
    Write,

    /// <summary>Requests that anybody may make and that cost us memory or outbound requests, such as request tokens.</summary>
    Open,

    /// <summary>Signed pushes from other services.</summary>
    Push,

    /// <summary>People's own programs, by a client API, which counts each of them for itself.</summary>
    Client,
}
