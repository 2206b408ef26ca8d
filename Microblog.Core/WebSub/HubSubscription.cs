using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.WebSub;

/// <summary>That somebody elsewhere wants a feed sent to an address of theirs (W3C WebSub §5). Stored once the address has confirmed it.</summary>
public sealed record HubSubscription
{
    /// <summary>The lanes' protocol.</summary>
    public const string Protocol = "websub";

    /// <summary>Longest topic and longest callback, in characters: together they are a key.</summary>
    public const int MaxAddressLength = 1000;

    /// <summary>The feed's address, exactly.</summary>
    public required string Topic { get; init; }

    /// <summary>Where to send it: an http(s) address without a fragment.</summary>
    public required string Callback { get; init; }

    /// <summary>Whose notices the feed has, if they are one person's: then its lane reads that person's log. None for every other list.</summary>
    public ProfileId Author { get; init; }

    /// <summary>The network that asked for it (<see cref="Http.ClientNetwork"/>); limits count by it.</summary>
    public string Network { get; init; } = "";

    /// <summary>The subscriber's secret, as <see cref="Identity.ISecretProtector"/> left it; empty when there is none.</summary>
    public ReadOnlyMemory<byte> ProtectedSecret { get; init; }

    /// <summary>Of a list that is not one person's: up to where it was sent.</summary>
    public TimelinePosition Position { get; init; }

    /// <summary>Whether an event that says that such a list has something new waits in the lane, or is being worked off.</summary>
    public bool IsWoken { get; init; }

    /// <summary>When it ends unless it is renewed.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The host of the callback; limits count by it.</summary>
    public string Host => WebAddress.HostOf(Callback);

    /// <summary>The lane that carries it. A callback has no fragment, so what stands behind the sign is the topic.</summary>
    public Lane Lane => LaneOf(Author, Topic, Callback);

    /// <summary>The lane of a subscription with this topic and callback.</summary>
    public static Lane LaneOf(ProfileId author, string topic, string callback) =>
        new(author, Protocol, $"{callback}#{topic}", WebAddress.HostOf(callback));
}
