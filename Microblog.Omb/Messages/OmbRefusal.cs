using Microblog.Http;

namespace Microblog.Omb.Messages;

/// <summary>Why a request that OAuth accepted is refused all the same: openmicroblogging.md §9.</summary>
internal enum OmbRejection
{
    /// <summary>A field is missing, repeated, too long or not what it has to be.</summary>
    Malformed,

    /// <summary>The protocol version is missing or another.</summary>
    Version,

    /// <summary>Nobody here has this identifier.</summary>
    UnknownListener,

    /// <summary>Under an address of this node, which nobody else may claim (OMB-41).</summary>
    OwnNamespace,

    /// <summary>The site does not take notices under this licence (OMB-37).</summary>
    License,

    /// <summary>The token was granted for another listenee or another address (OMB-59).</summary>
    NotTheGrant,

    /// <summary>A policy of the host objects.</summary>
    Policy,

    /// <summary>The operator has blocked the sender's host.</summary>
    Blocked,
}

/// <summary>A refusal: its reason and what a person can do about it. Both go out as plain text with status 400.</summary>
internal sealed record OmbRefusal(OmbRejection Reason, string Explanation)
{
    public static OmbRefusal Malformed(string explanation) => new(OmbRejection.Malformed, explanation);

    /// <param name="host">Empty when the sender does not say where it is.</param>
    public static OmbRefusal Blocked(string host) => new(OmbRejection.Blocked, InWords(host));

    /// <summary>What people and other services are told of a blocked host.</summary>
    public static string InWords(string host) => host.Length > 0
        ? $"This site exchanges nothing with {host}."
        : "This site exchanges nothing with services whose consumer key names no host.";

    public NodeResponse ToResponse() => NodeResponse.Text(400, Explanation) with { Refusal = ToRefusal() };

    public Refusal ToRefusal() => new(Reason.ToString(), Explanation, Remedy);

    private string Remedy => Reason switch
    {
        OmbRejection.Malformed => "Correct the field that is named.",
        OmbRejection.Version => $"Send {OmbNames.Version}={OmbNames.ProtocolVersion}, form-encoded once.",
        OmbRejection.UnknownListener => "Discover the profile anew, and send the identifier that its XRDS document names.",
        OmbRejection.OwnNamespace => "Send an identifier and addresses of the sender's own.",
        OmbRejection.License => "Choose a licence that this site takes. OmbOptions.AcceptAnyLicense takes all.",
        OmbRejection.NotTheGrant => "Use each token for the listenee and at the address for which it was granted.",
        OmbRejection.Blocked => "Nothing: the operator of this site exchanges nothing with that host.",
        _ => "Nothing: a policy of this site objects.",
    };
}
