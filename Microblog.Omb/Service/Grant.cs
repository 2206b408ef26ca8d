using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>What one listener here allowed one listenee's service: everything about an access token that never changes.</summary>
/// <remarks>Whether it is still in force is asked inside the transaction, never here.</remarks>
internal sealed record Grant
{
    /// <summary>The token with its secret and the consumer key that it was issued to.</summary>
    public required AccessToken Access { get; init; }

    public required ProfileId Listener { get; init; }

    /// <summary>The listenee as this subscription sees them, or as everybody does where the operator trusts their host.</summary>
    public required ProfileId Author { get; init; }

    public required ProfileUri Listenee { get; init; }

    /// <summary>None where the operator trusts the host (OMB-65).</summary>
    public required SubscriptionId Scope { get; init; }

    /// <summary>How others name the listener: <c>nick@host</c> (OMB-66).</summary>
    public required string ListenerAddress { get; init; }

    /// <summary>The listener's number as it stands in the address of the push.</summary>
    public required string ListenerInUrl { get; init; }
}
