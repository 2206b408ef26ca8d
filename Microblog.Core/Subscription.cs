namespace Microblog;

/// <summary>That one person hears another. At least one of the two is local.</summary>
public sealed record Subscription
{
    /// <summary>The number in this store.</summary>
    public required SubscriptionId Id { get; init; }

    /// <summary>Who hears (OMB: listener).</summary>
    public required ProfileId Subscriber { get; init; }

    /// <summary>Who is heard (OMB: listenee).</summary>
    public required ProfileId Publisher { get; init; }

    /// <summary>Whether it is asked for, in force or over.</summary>
    public required SubscriptionState State { get; init; }

    /// <summary>Which protocol carries it; <see cref="LocalProtocol"/> between two people of this node.</summary>
    public required string Protocol { get; init; }

    /// <summary>Whether the subscriber belongs to this node.</summary>
    public required bool IsSubscriberLocal { get; init; }

    /// <summary>Whether the publisher belongs to this node.</summary>
    public bool IsPublisherLocal => !IsSubscriberLocal || Protocol == LocalProtocol;

    /// <summary>What tells two subscriptions of the same pair apart: the other service's hosts (OMB-126) or the consumer key; empty between local people.</summary>
    public string Peer { get; init; } = "";

    /// <summary>For a remote subscriber: where notices are sent; empty otherwise.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>For a remote subscriber: where profile changes are sent; empty otherwise.</summary>
    public string ProfileEndpoint { get; init; } = "";

    /// <summary>For a remote subscriber: the credential that its service gave us; empty otherwise.</summary>
    public string Token { get; init; } = "";

    /// <summary>The credential's secret, as <see cref="Identity.ISecretProtector"/> left it.</summary>
    public ReadOnlyMemory<byte> ProtectedSecret { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The hosts of the other service, with their ports, as far as the peer and the endpoints name any.</summary>
    public IEnumerable<string> ServiceHosts =>
        (IsSubscriberLocal ? [Peer] : Peer.Split(' ')).Select(WebAddress.HostNamedBy)
        .Append(WebAddress.HostOf(Endpoint)).Append(WebAddress.HostOf(ProfileEndpoint)).Where(host => host.Length > 0).Distinct();

    /// <summary>The <see cref="Protocol"/> of two people of one node.</summary>
    public const string LocalProtocol = "local";

    /// <summary>The <see cref="Protocol"/> and <see cref="Peer"/> of what an archive brought along, which nothing carries yet.</summary>
    public const string ArchiveProtocol = "(archive)";
}

/// <summary>Where a subscription stands.</summary>
public enum SubscriptionState
{
    /// <summary>The publisher has not approved it yet: nothing is sent (OMB-138).</summary>
    Requested,

    /// <summary>Notices flow.</summary>
    Active,

    /// <summary>Over. Kept, so that the other side can be told so (OMB-58).</summary>
    Ended,

    /// <summary>Brought along in an archive: notices flowed where the person came from. Here nothing flows until they subscribe anew.</summary>
    Imported,
}
