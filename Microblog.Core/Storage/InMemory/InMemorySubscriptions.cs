using Microblog.Delivery;

namespace Microblog.Storage.InMemory;

internal sealed class InMemorySubscriptions(InMemorySession session) : ISubscriptionStore
{
    public ValueTask<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellationToken) =>
        new(session.State.Subscriptions.GetValueOrDefault(id.Value));

    public ValueTask<Subscription?> FindAsync(ProfileId subscriber, ProfileUri publisher, string peer, CancellationToken cancellationToken) =>
        new(NewestFirst.FirstOrDefault(found => found.Subscriber == subscriber && found.Peer == peer && UriOf(found.Publisher) == publisher));

    public ValueTask<Subscription?> FindSubscriberAsync(
        ProfileId publisher, ProfileUri subscriber, string peer, CancellationToken cancellationToken) =>
        new(NewestFirst.FirstOrDefault(found => found.Publisher == publisher && found.Peer == peer && UriOf(found.Subscriber) == subscriber));

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        new(NewestFirst
            .Where(found => found.Subscriber == subscriber && found.State == SubscriptionState.Active && IsBefore(found, before) && IsShown(found.Publisher))
            .Take(count).Select(found => Entry(found, found.Publisher)).ToList());

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        new(NewestFirst
            .Where(found => found.Publisher == publisher && found.State == state && IsBefore(found, before) && IsShown(found.Subscriber))
            .Take(count).Select(found => Entry(found, found.Subscriber)).ToList());

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListForLanesAsync(IReadOnlyCollection<Lane> lanes, CancellationToken cancellationToken) =>
        new(lanes.SelectMany(lane => ForEndpoint(lane.Author, lane.Protocol, lane.Endpoint)).OrderBy(found => found.Id.Value)
            .Select(found => Entry(found, found.Publisher)).ToList());

    public ValueTask<bool> IsBlockedAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken) =>
        new(session.State.Blocks.ContainsKey((blocker, blocked)));

    public ValueTask<IReadOnlyList<ProfileUri>> ListBlocksAsync(ProfileId blocker, int count, CancellationToken cancellationToken) =>
        new(session.State.Blocks.Where(pair => pair.Key.Blocker == blocker)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Blocked.Value, StringComparer.Ordinal)
            .Take(count).Select(pair => pair.Key.Blocked).ToList());

    public ValueTask SaveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (!session.State.Profiles.ContainsKey(subscription.Publisher.Value) || !session.State.Profiles.ContainsKey(subscription.Subscriber.Value))
            throw new StoreException("Subscriber and publisher have to be stored before their subscription.");
        var known = session.State.Subscriptions.GetValueOrDefault(subscription.Id.Value);
        Set(known is null ? subscription : known with
        {
            State = subscription.State,
            Endpoint = subscription.Endpoint,
            ProfileEndpoint = subscription.ProfileEndpoint,
            Token = subscription.Token,
            ProtectedSecret = subscription.ProtectedSecret,
        });
        if (known is { State: SubscriptionState.Active, Endpoint.Length: > 0 } && subscription is { State: SubscriptionState.Active, Endpoint.Length: > 0 })
            session.Lanes.Move(LaneOf(known), LaneOf(known with { Endpoint = subscription.Endpoint }), IsNeeded(known));
        if (known is not null)
            CloseLane(known);
        if (subscription is { State: SubscriptionState.Active, Endpoint.Length: > 0 })
            session.Lanes.Follow(LaneOf(session.State.Subscriptions[subscription.Id.Value]));
        if (subscription.State == SubscriptionState.Active)
        {
            EndImported(subscription);
            TakeBack(told => told.Subscription == subscription.Id && told.Kind == NotificationKind.FollowRequest);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EndAsync(SubscriptionId id, CancellationToken cancellationToken) => new(End(id));

    public ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        EndAll(person);
        return ValueTask.CompletedTask;
    }

    public void EndAll(ProfileId person)
    {
        foreach (var found in session.State.Subscriptions.Values.Where(s => s.Subscriber == person || s.Publisher == person))
            End(found.Id);
    }

    /// <summary>Whether somebody hears a person, through whatever subscription.</summary>
    public bool Hears(ProfileId subscriber, ProfileUri publisher) => session.State.Subscriptions.Values.Any(found =>
        found.Subscriber == subscriber && found.State == SubscriptionState.Active && UriOf(found.Publisher) == publisher);

    public ValueTask BlockAsync(ProfileId blocker, ProfileUri blocked, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (!session.State.Blocks.ContainsKey((blocker, blocked)))
            session.State = session.State with { Blocks = session.State.Blocks.Add((blocker, blocked), at) };
        foreach (var found in session.State.Subscriptions.Values)
        {
            if ((found.Subscriber == blocker && UriOf(found.Publisher) == blocked)
                || (found.Publisher == blocker && UriOf(found.Subscriber) == blocked))
                End(found.Id);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken)
    {
        session.State = session.State with { Blocks = session.State.Blocks.Remove((blocker, blocked)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, int count, CancellationToken cancellationToken) =>
        new(session.State.Mutes.Where(pair => pair.Key.Muter == muter).Select(pair => pair.Value).Where(IsInForce)
            .OrderByDescending(mute => mute.At).ThenBy(mute => mute.Muted.Value, StringComparer.Ordinal).Take(count).ToList());

    public ValueTask<IReadOnlyDictionary<ProfileId, Relation>> RelateAsync(
        ProfileId person, IReadOnlyCollection<ProfileId> others, CancellationToken cancellationToken) =>
        new(others.Distinct().Where(other => session.State.Profiles.ContainsKey(other.Value))
            .Select(other => KeyValuePair.Create(other, RelationOf(person, other))).Where(related => related.Value != default).ToDictionary());

    public ValueTask MuteAsync(ProfileId muter, Mute mute, CancellationToken cancellationToken)
    {
        session.State = session.State with { Mutes = session.State.Mutes.SetItem((muter, mute.Muted), mute) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken)
    {
        var wasThere = session.State.Mutes.ContainsKey((muter, muted));
        session.State = session.State with { Mutes = session.State.Mutes.Remove((muter, muted)) };
        return new(wasThere);
    }

    /// <summary>Whether somebody does not want to hear of a person now.</summary>
    public bool IsMuted(ProfileId muter, ProfileId person) =>
        session.State.Mutes.TryGetValue((muter, UriOf(person)), out var mute) && IsInForce(mute);

    public bool IsInForce(Mute mute) => mute.Until is not { } until || until > session.Now;

    private Relation RelationOf(ProfileId person, ProfileId other) => new(
        Has(person, other, SubscriptionState.Active),
        Has(person, other, SubscriptionState.Requested),
        Has(other, person, SubscriptionState.Active),
        session.State.Blocks.ContainsKey((person, UriOf(other))),
        IsMuted(person, other));

    private bool Has(ProfileId subscriber, ProfileId publisher, SubscriptionState state) => session.State.Subscriptions.Values.Any(found =>
        found.Subscriber == subscriber && found.Publisher == publisher && found.State == state);

    private IEnumerable<Subscription> NewestFirst => session.State.Subscriptions.Values.Reverse();

    private static bool IsBefore(Subscription found, SubscriptionId? before) => before is null || found.Id.Value < before.Value.Value;

    private static Microblog.Delivery.Lane LaneOf(Subscription subscription) =>
        new(subscription.Publisher, subscription.Protocol, subscription.Endpoint, WebAddress.HostOf(subscription.Endpoint));

    private SubscriptionEntry Entry(Subscription found, ProfileId other) => new(found, session.State.Profiles[other.Value]);

    private bool IsShown(ProfileId person) => !((InMemoryTimelines)session.Timelines).IsHidden(person);

    private ProfileUri UriOf(ProfileId id) => session.State.Profiles[id.Value].Uri;

    private IEnumerable<Subscription> ForEndpoint(ProfileId publisher, string protocol, string endpoint) =>
        session.State.Subscriptions.Values.Where(found => found.Publisher == publisher && found.Protocol == protocol
            && found.Endpoint == endpoint && found.State == SubscriptionState.Active);

    public bool End(SubscriptionId id)
    {
        if (session.State.Subscriptions.GetValueOrDefault(id.Value) is not { } known || known.State == SubscriptionState.Ended)
            return false;
        Set(known with { State = SubscriptionState.Ended });
        TakeBack(told => told.Subscription == id);
        ((InMemoryCredentials)session.Credentials).Revoke(id);
        CloseLane(known);
        return true;
    }

    private void EndImported(Subscription active)
    {
        var (subscriber, publisher) = (UriOf(active.Subscriber), UriOf(active.Publisher));
        foreach (var found in session.State.Subscriptions.Values)
        {
            if (found.State == SubscriptionState.Imported
                && ((found.Subscriber == active.Subscriber && UriOf(found.Publisher) == publisher)
                    || (found.Publisher == active.Publisher && UriOf(found.Subscriber) == subscriber)))
                Set(found with { State = SubscriptionState.Ended });
        }
    }

    private void TakeBack(Func<Notification, bool> isGone) => session.State = session.State with
    {
        Notifications = session.State.Notifications.RemoveRange(session.State.Notifications.Where(pair => isGone(pair.Value)).Select(pair => pair.Key)),
    };

    // The endpoint may have lost its last active subscription.
    private void CloseLane(Subscription subscription)
    {
        if (subscription.Endpoint.Length > 0 && !IsNeeded(subscription))
            session.Lanes.Close(LaneOf(subscription));
    }

    private bool IsNeeded(Subscription subscription) =>
        ForEndpoint(subscription.Publisher, subscription.Protocol, subscription.Endpoint).Any();

    private void Set(Subscription subscription)
    {
        var more = Active(subscription) - Active(session.State.Subscriptions.GetValueOrDefault(subscription.Id.Value));
        if (more != 0 && subscription.IsPublisherLocal)
            session.Count(subscription.Publisher, new ProfileCounts(0, more, 0, 0));
        if (more != 0 && subscription.IsSubscriberLocal)
            session.Count(subscription.Subscriber, new ProfileCounts(0, 0, more, 0));
        session.State = session.State with { Subscriptions = session.State.Subscriptions.SetItem(subscription.Id.Value, subscription) };
    }

    private static int Active(Subscription? subscription) => subscription?.State == SubscriptionState.Active ? 1 : 0;
}
