using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.WebSub;

/// <summary>Sends a notice to subscribers who have been sent what stands behind it: because it was changed, or because only now everybody may see it.
/// What is new is found without this.</summary>
/// <remarks>An event in each subscription's own lane, in the transaction of the cause, so that none is left out. A node without WebSub has none.</remarks>
public sealed class FeedNews
{
    private readonly NodeAddresses addresses;
    private readonly bool isOn;

    internal FeedNews(NodeAddresses addresses, bool isOn)
    {
        this.addresses = addresses;
        this.isOn = isOn;
    }

    /// <summary>Has a notice sent to whoever subscribes to a feed of the public timeline, its author, its tags, its groups or its conversation. Whether it stands
    /// there is looked at when it is sent.</summary>
    /// <param name="session">The transaction in which the notice was changed.</param>
    /// <param name="id">The notice; nothing is sent of one that a visitor may not see.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask TellAsync(IStoreSession session, NoticeId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!isOn || await session.Notices.FindAsync(id, default, cancellationToken).ConfigureAwait(false) is not { } entry)
            return;
        List<string> paths = [.. await FeedPaths.OfAsync(session, entry, cancellationToken).ConfigureAwait(false), FeedLists.OfConversation(entry.Notice.Conversation).Path];
        // The last stands for a hub elsewhere.
        string[] topics = [.. paths.SelectMany(path => FeedLists.Formats, (path, format) => addresses.At($"{path}/feed.{format.Extension}")), addresses.Root];
        foreach (var subscription in await session.Hub.ListAsync(topics, cancellationToken).ConfigureAwait(false))
        {
            await session.Deliveries.EnqueueForAsync(
                subscription.Lane, EventOf(subscription, id), int.MaxValue, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The notice that an event wants sent again; none for every other event.</summary>
    internal static NoticeId NoticeOf(DeliveryEvent item) => item.Kind == DeliveryEventKind.Lookup ? new NoticeId(Visit.Number(item.Data)) : default;

    // Not an event of the notice, which would be as old as that is, and be given up at once.
    private static DeliveryEvent EventOf(HubSubscription subscription, NoticeId id) =>
        new() { Author = subscription.Author, Kind = DeliveryEventKind.Lookup, Data = id.ToString() };
}
