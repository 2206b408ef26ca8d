using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Feeds;
using Microblog.Remote;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>Sends feeds to their subscribers: what is new in them, in order, as a feed of the topic's own format (W3C WebSub §7).</summary>
/// <remarks>A person's feed goes by the person's log, event by event. Any other list goes by its positions; an event in its lane says only
/// that something is new, or names a notice that is to be sent again (<see cref="FeedNews"/>).</remarks>
internal sealed class FeedSender(
    FeedPoster poster, HubPinger pinger, RemoteClient client, IMicroblogStore store, FeedLists lists, FeedHub hub, NodeAddresses addresses,
    TimeProvider clock, IOptions<MicroblogOptions> options, ILogger<FeedSender> logger) : ILaneProtocol
{
    private const int EntriesAtOnce = 20;

    public string Name => HubSubscription.Protocol;

    public async ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken)
    {
        var outcomes = new List<DeliveryOutcome>(lane.Events.Count);
        // What is new in a list is told as often as it takes, whichever event said so.
        foreach (var events in lane.Lane.Author.IsNone ? [[.. lane.Events]] : lane.Events.Chunk(EntriesAtOnce))
        {
            var outcome = await SendAsync(lane, events, cancellationToken).ConfigureAwait(false);
            if (outcome is not DeliveryOutcome.Done)
                return [.. outcomes, outcome];
            outcomes.AddRange(events.Select(_ => outcome));
        }

        return outcomes;
    }

    private async ValueTask<DeliveryOutcome> SendAsync(LeasedLane lane, DeliveryEvent[] events, CancellationToken cancellationToken)
    {
        var mark = lane.Lane.Endpoint.IndexOf('#', StringComparison.Ordinal);
        var (callback, topic) = (lane.Lane.Endpoint[..mark], lane.Lane.Endpoint[(mark + 1)..]);
        DeliveryOutcome outcome;
        try
        {
            outcome = lane.Lane.Author.IsNone
                ? await SendListAsync(topic, callback, events, cancellationToken).ConfigureAwait(false)
                : (await SendStepAsync(topic, callback, [.. events.Select(NoticeOf)], cancellationToken).ConfigureAwait(false)).Outcome;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return DeliveryOutcome.Stopped;
        }

        // The author is not told of readers whom nobody knows, so nothing is given up singly: the subscription ends.
        if (outcome is DeliveryOutcome.TryAgain failed && topic != addresses.Root
            && LaneSender.IsTooOld(lane, events[0], clock.GetUtcNow(), options.Value.Delivery.GiveUpAfter))
            outcome = new DeliveryOutcome.Gone("given up: " + failed.Reason);
        if (outcome is DeliveryOutcome.Gone gone)
            await EndAsync(topic, callback, gone.Reason, cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    private async ValueTask<DeliveryOutcome> SendListAsync(string topic, string callback, DeliveryEvent[] events, CancellationToken cancellationToken)
    {
        // First of all, so that what comes from now on puts an event into the lane again.
        var before = await MarkAsync(topic, callback, known => known with { IsWoken = false }, cancellationToken).ConfigureAwait(false);
        SendStep step;
        while ((step = await SendAsync(topic, callback, null, cancellationToken).ConfigureAwait(false)).Through is { } through)
            await MarkAsync(topic, callback, known => known with { Position = through }, cancellationToken).ConfigureAwait(false);
        // What stands further on has been sent just now, or will be.
        foreach (var again in events.Select(FeedNews.NoticeOf).Where(id => !id.IsNone && id.Value <= before?.Position.Value).Chunk(EntriesAtOnce))
        {
            if (step.Outcome is DeliveryOutcome.Done)
                step = await SendAsync(topic, callback, again, cancellationToken).ConfigureAwait(false);
        }

        return step.Outcome;
    }

    private ValueTask<SendStep> SendAsync(string topic, string callback, NoticeId[]? again, CancellationToken cancellationToken) => topic == addresses.Root
        ? pinger.PingAsync(topic, callback, again, cancellationToken)
        : SendStepAsync(topic, callback, again, cancellationToken);

    // These notices, or what comes next in the list.
    private async ValueTask<SendStep> SendStepAsync(string topic, string callback, NoticeId[]? notices, CancellationToken cancellationToken)
    {
        var (subscription, packet) = await store.ReadAsync(
            Freshness.Latest, (session, ct) => ReadAsync(session, topic, callback, notices, ct), cancellationToken).ConfigureAwait(false);
        if (subscription is null)
            return new(new DeliveryOutcome.Gone("the subscription has ended"));
        if (packet is null)
        {
            await IntentVerifier.DenyAsync(client, topic, callback, "There is no such feed any more.", cancellationToken).ConfigureAwait(false);
            return new(new DeliveryOutcome.Gone("there is no such feed any more"));
        }

        if (packet.Feed.Entries.Count == 0)
            return new(DeliveryOutcome.Delivered);
        var outcome = await poster.PostAsync(subscription, packet, cancellationToken).ConfigureAwait(false);
        return new(outcome, outcome is DeliveryOutcome.Done && notices is null ? packet.Feed.Entries[0].Position : null);
    }

    // No packet when there is no such feed any more.
    private async ValueTask<(HubSubscription? Subscription, FeedPacket? Packet)> ReadAsync(
        IReadSession session, string topic, string callback, NoticeId[]? notices, CancellationToken cancellationToken)
    {
        if (await session.Hub.FindAsync(topic, callback, cancellationToken).ConfigureAwait(false) is not { } subscription || subscription.Expires <= clock.GetUtcNow())
            return default;
        if (await lists.FindAsync(session, topic, cancellationToken).ConfigureAwait(false) is not var (list, format))
            return (subscription, null);
        IReadOnlyList<TimelineEntry> entries = notices is null
            ? await list.ReadAsync(session.Timelines, PageRequest.NewerThan(subscription.Position, EntriesAtOnce), cancellationToken).ConfigureAwait(false)
            : await EntriesOfAsync(session, list, notices, cancellationToken).ConfigureAwait(false);
        entries = await Threading.ShowAsync(session, addresses, default, entries, cancellationToken).ConfigureAwait(false);
        var feed = new Feed(list.Title, addresses.At(list.Path), topic, entries) { SelfUrl = topic, PictureUrl = list.PictureUrl, HubUrl = hub.Url };
        return (subscription, new FeedPacket(feed, format));
    }

    // Newest first. What has been deleted, or is not for everybody, is passed over, and so is what does not stand in the list (any more).
    private static async ValueTask<IReadOnlyList<TimelineEntry>> EntriesOfAsync(
        IReadSession session, FeedList list, NoticeId[] notices, CancellationToken cancellationToken)
    {
        var entries = new List<TimelineEntry>();
        foreach (var id in notices.Where(id => !id.IsNone).Reverse().Distinct())
        {
            if (await session.Notices.FindAsync(id, default, cancellationToken).ConfigureAwait(false) is { } entry
                && (entry.Notice.Author == list.Author || await StandsInAsync(session, list, id, cancellationToken).ConfigureAwait(false)))
                entries.Add(entry);
        }

        return entries;
    }

    private static async ValueTask<bool> StandsInAsync(IReadSession session, FeedList list, NoticeId id, CancellationToken cancellationToken)
    {
        var page = await list.ReadAsync(session.Timelines, PageRequest.OlderThan(new TimelinePosition(id.Value + 1), 1), cancellationToken).ConfigureAwait(false);
        return page.Count > 0 && page[0].Notice.Id == id;
    }

    private static NoticeId NoticeOf(DeliveryEvent item) => item.Kind == DeliveryEventKind.Notice ? item.Notice : FeedNews.NoticeOf(item);

    /// <returns>The subscription as it was before; <see langword="null"/> when it has ended.</returns>
    private ValueTask<HubSubscription?> MarkAsync(
        string topic, string callback, Func<HubSubscription, HubSubscription> change, CancellationToken cancellationToken) => store.ExecuteAsync(
        async (session, ct) =>
        {
            var known = await session.Hub.FindAsync(topic, callback, ct).ConfigureAwait(false);
            if (known is not null && change(known) is var changed && changed != known)
                await session.Hub.MarkAsync(topic, callback, changed.Position, changed.IsWoken, ct).ConfigureAwait(false);
            return known;
        },
        cancellationToken);

    private async ValueTask EndAsync(string topic, string callback, string reason, CancellationToken cancellationToken)
    {
        await store.ExecuteAsync((session, ct) => session.Hub.EndAsync(topic, callback, ct), cancellationToken).ConfigureAwait(false);
        var host = WebAddress.HostOf(callback);
        logger.SubscriptionEnded(topic, host, reason);
    }
}

/// <summary>What a subscriber is sent.</summary>
/// <param name="Feed">With what is new in it.</param>
/// <param name="Format">The topic's.</param>
internal sealed record FeedPacket(Feed Feed, FeedFormat Format);

/// <summary>What became of a part of what is new.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Through">Of a list: up to where it was sent; there may be more. <see langword="null"/> when that was all.</param>
internal sealed record SendStep(DeliveryOutcome Outcome, TimelinePosition? Through = null);
