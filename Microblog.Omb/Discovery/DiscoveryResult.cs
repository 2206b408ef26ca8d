namespace Microblog.Omb.Discovery;

/// <summary>What discovery of a profile URL found.</summary>
internal abstract record DiscoveryResult
{
    private DiscoveryResult()
    {
    }

    /// <summary>A profile that can be subscribed.</summary>
    /// <param name="Endpoints">Identifier and endpoints.</param>
    /// <param name="ProfileUrl">The address asked, without fragment.</param>
    /// <param name="IdentifierProven">Whether the identifier's own address leads to the same identifier and endpoints. Where it is
    /// <see langword="false"/>, the identifier is not http(s) and cannot be asked: key the subscription by identifier and
    /// <see cref="OmbEndpoints.HasSameHosts">endpoint host</see> (OMB-126).</param>
    public sealed record Found(OmbEndpoints Endpoints, Uri ProfileUrl, bool IdentifierProven) : DiscoveryResult;

    /// <summary>Stop: nothing can be subscribed there.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">A sentence for the person who typed the address; it may quote remote text, so escape it.</param>
    public sealed record Failed(DiscoveryFailure Reason, string Detail) : DiscoveryResult;
}

/// <summary>Why a profile URL cannot be subscribed.</summary>
internal enum DiscoveryFailure
{
    /// <summary>Not an http or https address.</summary>
    NotAnAddress,

    /// <summary>The profile is one of our own (OMB-106).</summary>
    Local,

    /// <summary>No answer; the detail says why.</summary>
    Unreachable,

    /// <summary>An answer other than 200 or 206.</summary>
    BadStatus,

    /// <summary>The page names no XRDS document and is none.</summary>
    NoDocument,

    /// <summary>The XRDS document cannot be accepted.</summary>
    BadDocument,

    /// <summary>A page reached by https points to http.</summary>
    Downgrade,

    /// <summary>One of the five endpoints is missing or unusable (OMB-102).</summary>
    MissingEndpoint,

    /// <summary>The request service has no usable LocalID (OMB-102).</summary>
    MissingIdentifier,

    /// <summary>The identifier's own address does not lead back to the same identifier and endpoints (OMB-126).</summary>
    IdentifierNotProven,
}
