using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.Omb.Remote;

/// <summary>What is to be said in one lane, and to whom, as the store had it just before.</summary>
/// <param name="Author">Whose lane; <see langword="null"/> when they have left, or nobody subscribes.</param>
/// <param name="Subscriptions">Whose tokens may sign, oldest first.</param>
/// <param name="Notices">The author's notices among the lane's events, as far as they are not deleted.</param>
internal sealed record LaneContent(Profile? Author, List<Subscription> Subscriptions, IReadOnlyDictionary<NoticeId, Notice> Notices)
{
    /// <summary>Reads what belongs to several lanes, with two questions.</summary>
    /// <returns>One for each, in their order.</returns>
    public static async ValueTask<IReadOnlyList<LaneContent>> ReadAsync(
        IReadSession session, IReadOnlyList<LeasedLane> lanes, CancellationToken cancellationToken)
    {
        var keys = lanes.Select(lane => lane.Lane).ToHashSet();
        var subscriptions = await session.Subscriptions.ListForLanesAsync(keys, cancellationToken).ConfigureAwait(false);
        var notices = await session.Notices.ListLocalAsync(
            lanes.SelectMany(lane => lane.Events).Where(item => item.Kind == DeliveryEventKind.Notice).Select(item => item.Notice).ToHashSet(),
            cancellationToken).ConfigureAwait(false);
        var byLane = subscriptions.ToLookup(entry => (entry.Subscription.Publisher, entry.Subscription.Protocol, entry.Subscription.Endpoint));
        var byId = notices.ToDictionary(notice => notice.Id);
        return [.. lanes.Select(lane => Create(lane, [.. byLane[(lane.Lane.Author, lane.Lane.Protocol, lane.Lane.Endpoint)]], byId))];
    }

    private static LaneContent Create(LeasedLane lane, IReadOnlyList<SubscriptionEntry> subscriptions, Dictionary<NoticeId, Notice> notices) => new(
        subscriptions.Select(entry => entry.Other).FirstOrDefault(author => !author.IsDeleted),
        [.. subscriptions.Select(entry => entry.Subscription)],
        lane.Events.Select(item => notices.GetValueOrDefault(item.Notice)).OfType<Notice>()
            .Where(notice => notice.Author == lane.Lane.Author).DistinctBy(notice => notice.Id).ToDictionary(notice => notice.Id));
}
