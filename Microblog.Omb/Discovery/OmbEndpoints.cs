namespace Microblog.Omb.Discovery;

/// <summary>What an XRDS document says of a listener: the identifier and the five endpoints (OMB-102).</summary>
/// <remarks>All text is kept exactly as given, because addresses are signed and identifiers compared byte for byte.
/// When they come from discovery, every endpoint is an absolute http(s) address of at most 2048 characters.</remarks>
internal sealed record OmbEndpoints
{
    /// <summary>The listener's identifier URI, the LocalID of the request service; any scheme.</summary>
    public required string Identifier { get; init; }

    /// <summary>Where a request token is obtained.</summary>
    public required string RequestToken { get; init; }

    /// <summary>Where the listener's browser is sent.</summary>
    public required string Authorize { get; init; }

    /// <summary>Where the request token is exchanged.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Where notices are posted.</summary>
    public required string PostNotice { get; init; }

    /// <summary>Where profile changes are posted.</summary>
    public required string UpdateProfile { get; init; }

    /// <summary>The five addresses, always in the same order.</summary>
    public IReadOnlyList<string> Addresses => [RequestToken, Authorize, AccessToken, PostNotice, UpdateProfile];

    /// <summary>Whether both have the same endpoint host: hosts and ports of all five, compared one by one (OMB-125).</summary>
    public bool HasSameHosts(OmbEndpoints other) => Addresses.Zip(other.Addresses).All(pair => SameHost(pair.First, pair.Second));

    private static bool SameHost(string one, string other) =>
        Uri.TryCreate(one, UriKind.Absolute, out var a) && Uri.TryCreate(other, UriKind.Absolute, out var b)
        && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);
}
