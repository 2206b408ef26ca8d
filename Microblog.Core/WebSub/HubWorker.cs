using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>Looks at the lists that somebody subscribed to, has those sent that have something new, and ends what has expired.</summary>
internal sealed class HubWorker(
    IMicroblogStore store, FeedLists lists, NodeAddresses addresses, DeliverySignal signal, TaskStarter starter, TimeProvider clock,
    IOptions<WebSubOptions> options, IOptions<MicroblogOptions> node, ILogger<HubWorker> logger) : NodeWorker(starter)
{
    private const int PageSize = 100;
    private const int ExpiredAtOnce = 100;
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    // Notices that come one after the other are sent together.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var (nextExpiry, isHubKnown) = (DateTimeOffset.MinValue, false);
        while (node.Value.Delivery.IsEnabled && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                isHubKnown = isHubKnown || await RememberHubAsync(stoppingToken).ConfigureAwait(false);
                if (clock.GetUtcNow() >= nextExpiry)
                    nextExpiry = await EndExpiredAsync(stoppingToken).ConfigureAwait(false);
                await WakeListsAsync(stoppingToken).ConfigureAwait(false);
                await signal.Hub.WaitAsync(node.Value.Delivery.PollInterval, clock, stoppingToken).ConfigureAwait(false);
                await PauseAsync(Together, clock, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it did not do is there at the next start.
                return;
            }
            catch (Exception e)
            {
                logger.HubFailed(e, FailureDelay);
                await PauseAsync(FailureDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // The hub elsewhere is kept as a subscriber to everything, who is told and not sent what is new (HubPinger).
    private async Task<bool> RememberHubAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Hub is not { } hub)
            return true;
        return await store.ExecuteAsync(
            async (session, ct) => await session.Hub.SaveAsync(
                new HubSubscription
                {
                    Topic = addresses.Root,
                    Callback = hub.AbsoluteUri,
                    Position = (await session.Timelines.PublicAsync(default, PageRequest.Newest(1), ct).ConfigureAwait(false)).Next,
                    Expires = DateTimeOffset.MaxValue,
                },
                new HubLimits(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue),
                ct).ConfigureAwait(false),
            stoppingToken).ConfigureAwait(false);
    }

    private async Task<DateTimeOffset> EndExpiredAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        var ended = await store.ExecuteAsync((session, ct) => session.Hub.EndExpiredAsync(now, ExpiredAtOnce, ct), stoppingToken).ConfigureAwait(false);
        // Full: there are more, so go on soon.
        return ended == ExpiredAtOnce ? now : now + ExpiryInterval;
    }

    private async Task WakeListsAsync(CancellationToken stoppingToken)
    {
        HubSubscription? last = null;
        IReadOnlyList<HubSubscription> page;
        do
        {
            var after = last;
            page = await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Hub.ListOfListsAsync(after, PageSize, ct), stoppingToken).ConfigureAwait(false);
            if (page.Count == 0)
                break;
            last = page[^1];
            var behind = await store.ReadAsync(Freshness.Latest, (session, ct) => BehindAsync(session, page, ct), stoppingToken).ConfigureAwait(false);
            if (behind.Count > 0 && await store.ExecuteAsync((session, ct) => WakeAsync(session, behind, ct), stoppingToken).ConfigureAwait(false))
                signal.Lanes.Set();
        }
        while (page.Count == PageSize);
    }

    // Most subscribers of a list are equally far, so each place is looked at once. Where there is no list any more, the sender finds out.
    private async ValueTask<List<HubSubscription>> BehindAsync(IReadSession session, IReadOnlyList<HubSubscription> page, CancellationToken cancellationToken)
    {
        var behind = new List<HubSubscription>();
        foreach (var group in page.Where(known => !known.IsWoken).GroupBy(known => (known.Topic, known.Position)))
        {
            var list = group.Key.Topic == addresses.Root
                ? lists.Public
                : (await lists.FindAsync(session, group.Key.Topic, cancellationToken).ConfigureAwait(false))?.List;
            if (list is null || (await list.ReadAsync(session.Timelines, PageRequest.NewerThan(group.Key.Position, 1), cancellationToken).ConfigureAwait(false)).Count > 0)
                behind.AddRange(group);
        }

        return behind;
    }

    /// <returns>Whether any was not woken already, by another process.</returns>
    private static async ValueTask<bool> WakeAsync(IStoreSession session, List<HubSubscription> behind, CancellationToken cancellationToken)
    {
        var isAny = false;
        foreach (var subscription in behind)
        {
            if (await session.Hub.FindAsync(subscription.Topic, subscription.Callback, cancellationToken).ConfigureAwait(false) is not { IsWoken: false } known)
                continue;
            await session.Hub.MarkAsync(known.Topic, known.Callback, known.Position, isWoken: true, cancellationToken).ConfigureAwait(false);
            await session.Deliveries.EnqueueForAsync(
                known.Lane, new DeliveryEvent { Author = default, Kind = DeliveryEventKind.Lookup }, int.MaxValue, cancellationToken).ConfigureAwait(false);
            isAny = true;
        }

        return isAny;
    }
}
