using System.Text;
using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>Tells a hub elsewhere in which feeds something is new: those of the public notices since the last time, each feed once; and those of notices that
/// were changed.</summary>
internal sealed class HubPinger(FeedPoster poster, IMicroblogStore store, NodeAddresses addresses, IOptions<WebSubOptions> options)
{
    private const int NoticesAtOnce = 100;

    // One request for each: hubs differ in how they take several. A notice alone may be in more.
    private const int FeedsAtOnce = 30;

    private readonly string hub = options.Value.Hub?.AbsoluteUri ?? "";

    /// <summary>Makes a step forward in the public timeline.</summary>
    /// <param name="topic">Stands for all feeds in the subscription that keeps how far we are.</param>
    /// <param name="callback">The hub; nothing is said to any but the one that the options name.</param>
    /// <param name="changed">No step, but these notices.</param>
    /// <param name="cancellationToken">Cancels the step.</param>
    public async ValueTask<SendStep> PingAsync(string topic, string callback, NoticeId[]? changed, CancellationToken cancellationToken)
    {
        var news = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => callback == hub && await session.Hub.FindAsync(topic, callback, ct).ConfigureAwait(false) is { } known
                ? await ReadAsync(session, known.Position, changed, ct).ConfigureAwait(false)
                : null,
            cancellationToken).ConfigureAwait(false);
        if (news is not var (feeds, through))
            return new(new DeliveryOutcome.Gone("the node has another hub now"));
        foreach (var feed in feeds)
        {
            var form = Encoding.ASCII.GetBytes(HubAddress.Encode(("hub.mode", "publish"), ("hub.url", feed)));
            var outcome = await poster.PostAsync(hub, form, "application/x-www-form-urlencoded", [], cancellationToken).ConfigureAwait(false);
            if (outcome is not DeliveryOutcome.Done)
                return new(outcome is DeliveryOutcome.Gone gone ? new DeliveryOutcome.TryAgain(gone.Reason, null, IsDestinationFailing: true) : outcome);
        }

        return new(DeliveryOutcome.Delivered, through);
    }

    // Oldest first, as many notices as are in about so many feeds.
    private async ValueTask<News> ReadAsync(IReadSession session, TimelinePosition after, NoticeId[]? changed, CancellationToken cancellationToken)
    {
        var feeds = new HashSet<string>(StringComparer.Ordinal);
        TimelinePosition? through = null;
        var notices = changed is null
            ? (await session.Timelines.PublicAsync(default, PageRequest.NewerThan(after, NoticesAtOnce), cancellationToken).ConfigureAwait(false)).Reverse()
            : await session.Notices.ListAsync(changed, default, cancellationToken).ConfigureAwait(false);
        foreach (var entry in notices.TakeWhile(_ => feeds.Count < FeedsAtOnce || changed is not null))
        {
            foreach (var path in await FeedPaths.OfAsync(session, entry, cancellationToken).ConfigureAwait(false))
                feeds.UnionWith(FeedLists.Formats.Select(format => addresses.At($"{path}/feed.{format.Extension}")));
            through = changed is null ? entry.Position : null;
        }

        return new(feeds, through);
    }

    // No place when there is nothing new.
    private sealed record News(IReadOnlyCollection<string> Feeds, TimelinePosition? Through);
}
