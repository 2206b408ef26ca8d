using Microblog.WebSub;

namespace Microblog.Storage;

/// <summary>Reads to whom feeds are sent.</summary>
public interface IHubReader
{
    /// <summary>The subscription of this callback to this topic, expired ones included; <see langword="null"/> when there is none.</summary>
    ValueTask<HubSubscription?> FindAsync(string topic, string callback, CancellationToken cancellationToken);

    /// <summary>The subscriptions to these topics, byte for byte, expired ones included, in no order.</summary>
    /// <param name="topics">The feeds that one notice may be in.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<HubSubscription>> ListAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>The subscriptions to lists that are not one person's, expired ones included, by topic and callback, byte for byte.</summary>
    /// <param name="after">The last one of the page before; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<HubSubscription>> ListOfListsAsync(HubSubscription? after, int count, CancellationToken cancellationToken);
}

/// <summary>Writes to whom feeds are sent.</summary>
public interface IHubStore : IHubReader
{
    /// <summary>Adds a subscription, or renews the one with the same topic and callback: secret, network and end are replaced, and what it was
    /// sent stays.</summary>
    /// <param name="subscription">The subscription. One to a person's feed opens its lane, which begins with the person's next event.</param>
    /// <param name="limits">How many there may be; a renewal always has room.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there was room.</returns>
    ValueTask<bool> SaveAsync(HubSubscription subscription, HubLimits limits, CancellationToken cancellationToken);

    /// <summary>Remembers up to where a list was sent, and whether it is to be sent again. Does nothing when there is no such subscription.</summary>
    ValueTask MarkAsync(string topic, string callback, TimelinePosition position, bool isWoken, CancellationToken cancellationToken);

    /// <summary>Ends a subscription and closes its lane with what waits in it.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> EndAsync(string topic, string callback, CancellationToken cancellationToken);

    /// <summary>Ends subscriptions that have expired, the first first, at most <paramref name="count"/>.</summary>
    /// <returns>How many ended.</returns>
    ValueTask<int> EndExpiredAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);
}

/// <summary>How many subscriptions there may be, expired ones included until they are ended.</summary>
/// <param name="PerTopic">To one feed.</param>
/// <param name="PerHost">With callbacks on one host.</param>
/// <param name="PerNetwork">That one network asked for.</param>
/// <param name="OfLists">To all lists that are not one person's.</param>
public sealed record HubLimits(int PerTopic, int PerHost, int PerNetwork, int OfLists);
