namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresSubscriptions(PostgresSession session) : ISubscriptionStore
{
    public ValueTask<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Subscription?> FindAsync(ProfileId subscriber, ProfileUri publisher, string peer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Subscription?> FindSubscriberAsync(ProfileId publisher, ProfileUri subscriber, string peer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(ProfileId subscriber, SubscriptionId? before, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync( ProfileId publisher, SubscriptionState state, SubscriptionId? before, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Subscription>> ListForEndpointAsync(ProfileId publisher, string protocol, string endpoint, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> IsBlockedAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ProfileUri>> ListBlocksAsync(ProfileId blocker, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SaveAsync(Subscription subscription, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> EndAsync(SubscriptionId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask BlockAsync(ProfileId blocker, ProfileUri blocked, DateTimeOffset at, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken) => throw new NotSupportedException();
}
