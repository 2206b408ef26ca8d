using System.Collections.Immutable;
using Microblog.WebSub;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryHub(InMemorySession session) : IHubStore
{
    public ValueTask<HubSubscription?> FindAsync(string topic, string callback, CancellationToken cancellationToken) =>
        new(All.GetValueOrDefault((topic, callback)));

    public ValueTask<IReadOnlyList<HubSubscription>> ListAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => new(
        All.Values.Where(found => topics.Contains(found.Topic)).ToList());

    public ValueTask<IReadOnlyList<HubSubscription>> ListOfListsAsync(HubSubscription? after, int count, CancellationToken cancellationToken) => new(
        All.Values.Where(found => found.Author.IsNone && (after is null || Compare(found, after) > 0))
            .Order(Comparer<HubSubscription>.Create(Compare)).Take(count).ToList());

    public ValueTask<bool> SaveAsync(HubSubscription subscription, HubLimits limits, CancellationToken cancellationToken)
    {
        if (All.GetValueOrDefault((subscription.Topic, subscription.Callback)) is { } known)
            subscription = known with { ProtectedSecret = subscription.ProtectedSecret, Network = subscription.Network, Expires = subscription.Expires };
        else if (IsFull(subscription, limits))
            return new(false);
        All = All.SetItem((subscription.Topic, subscription.Callback), subscription);
        if (!subscription.Author.IsNone)
            session.Lanes.Follow(subscription.Lane);
        return new(true);
    }

    public ValueTask MarkAsync(string topic, string callback, TimelinePosition position, bool isWoken, CancellationToken cancellationToken)
    {
        if (All.GetValueOrDefault((topic, callback)) is { } known)
            All = All.SetItem((topic, callback), known with { Position = position, IsWoken = isWoken });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EndAsync(string topic, string callback, CancellationToken cancellationToken)
    {
        if (All.GetValueOrDefault((topic, callback)) is not { } known)
            return new(false);
        End([known]);
        return new(true);
    }

    public ValueTask<int> EndExpiredAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) =>
        new(End(All.Values.Where(found => found.Expires <= now).OrderBy(found => found.Expires).Take(count).ToList()));

    /// <summary>Ends subscriptions to a person's feeds.</summary>
    /// <returns>How many.</returns>
    public int EndOf(ProfileId person, int count) => End(All.Values.Where(found => found.Author == person).Take(count).ToList());

    private ImmutableDictionary<(string Topic, string Callback), HubSubscription> All
    {
        get => session.State.HubSubscriptions;
        set => session.State = session.State with { HubSubscriptions = value };
    }

    private bool IsFull(HubSubscription more, HubLimits limits) =>
        All.Values.Count(found => found.Topic == more.Topic) >= limits.PerTopic
        || All.Values.Count(found => found.Host == more.Host) >= limits.PerHost
        || All.Values.Count(found => found.Network == more.Network) >= limits.PerNetwork
        || (more.Author.IsNone && All.Values.Count(found => found.Author.IsNone) >= limits.OfLists);

    private int End(List<HubSubscription> gone)
    {
        foreach (var subscription in gone)
            session.Lanes.Close(subscription.Lane);
        All = All.RemoveRange(gone.Select(subscription => (subscription.Topic, subscription.Callback)));
        return gone.Count;
    }

    private static int Compare(HubSubscription one, HubSubscription other) =>
        string.CompareOrdinal(one.Topic, other.Topic) is not 0 and var order ? order : string.CompareOrdinal(one.Callback, other.Callback);
}
