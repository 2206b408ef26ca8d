namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresArchive(PostgresSession session) : IArchiveStore
{
    public ValueTask<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Notice?> FindNoticeAsync(NoticeId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync( ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync( ProfileId publisher, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Block>> ListBlocksAsync(ProfileId blocker, string after, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<NoticeId> AddNoticeAsync(Notice notice, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask AddSubscriptionAsync(Subscription subscription, ProfileUri publisher, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken) => throw new NotSupportedException();
}
