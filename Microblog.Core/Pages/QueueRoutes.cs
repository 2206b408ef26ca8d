using Microblog.Delivery;
using Microblog.Http;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>The delivery queue, for operators, and the story of each lane and each failed delivery.</summary>
internal sealed class QueueRoutes(
    PageRoutes pages, MicroblogNode node, IMicroblogStore store, DeliverySignal signal, IOptions<MicroblogOptions> options) : INodeRoutes
{
    private const int Count = 100;

    // Small, because everybody else's write waits for one step at most.
    private const int RetriedAtOnce = 50;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/queue", ShowAsync) with { Access = RouteAccess.Operator },
        pages.Get("/queue/lane/{id}", ShowLaneAsync) with { Access = RouteAccess.Operator },
        pages.Get("/queue/failed/{id}", ShowFailedAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/queue/retry", RetryAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/queue/retry-all", RetryAllAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/queue/probe", ProbeAsync) with { Access = RouteAccess.Operator },
    ];

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var wanted = Visit.Number(visit.Query["delivery"].Trim());
        return visit.Page(await node.ReadAsync(
            async (session, ct) => new QueuePage
            {
                Depth = await session.Deliveries.MeasureAsync(ct).ConfigureAwait(false),
                Destinations = wanted == 0 ? await session.Deliveries.ListDestinationsAsync(Count, ct).ConfigureAwait(false) : [],
                Waiting = await WaitingAsync(session.Deliveries, wanted, ct).ConfigureAwait(false),
                Failed = wanted == 0
                    ? await session.Deliveries.ListFailedAsync(Count, ct).ConfigureAwait(false)
                    : [.. (await session.Deliveries.ListFailedAsync(IDeliveryStore.FailuresKept, ct).ConfigureAwait(false)).Where(f => f.Event.Number == wanted).Take(Count)],
                Delivery = wanted,
            },
            cancellationToken).ConfigureAwait(false));
    }

    // One delivery waits in as many lanes as there are places to bring it to; among those listed it is looked for.
    private static async ValueTask<IReadOnlyList<LaneStatus>> WaitingAsync(IDeliveryReader deliveries, long wanted, CancellationToken cancellationToken)
    {
        var waiting = await deliveries.ListWaitingAsync(Count, cancellationToken).ConfigureAwait(false);
        if (wanted == 0)
            return waiting;
        var found = new List<LaneStatus>();
        foreach (var lane in waiting)
        {
            var events = await deliveries.ListEventsAsync(lane.Id, Count, cancellationToken).ConfigureAwait(false);
            if (events.Any(item => item.Number == wanted))
                found.Add(lane);
        }

        return found;
    }

    private async ValueTask<NodeResponse> ShowLaneAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = Visit.Number(visit.Request.Route("id"));
        var page = await node.ReadAsync(
            async (session, ct) => await session.Deliveries.FindLaneAsync(id, ct).ConfigureAwait(false) is { } status
                ? new LanePage
                {
                    Status = status,
                    Author = await session.Profiles.FindAsync(status.Lane.Author, ct).ConfigureAwait(false),
                    Events = await session.Deliveries.ListEventsAsync(id, Count, ct).ConfigureAwait(false),
                    GiveUpAfter = options.Value.Delivery.GiveUpAfter,
                }
                : null,
            cancellationToken).ConfigureAwait(false);
        return page is not null ? visit.Page(page)
            : visit.Message(404, "No such lane", "It is gone: nobody listens there any more, or everything in it was sent.");
    }

    private async ValueTask<NodeResponse> ShowFailedAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = Visit.Number(visit.Request.Route("id"));
        var page = await node.ReadAsync(
            async (session, ct) => await session.Deliveries.FindFailedAsync(id, ct).ConfigureAwait(false) is { } failed
                ? new FailedDeliveryPage
                {
                    Failed = failed,
                    Author = await session.Profiles.FindAsync(failed.Lane.Author, ct).ConfigureAwait(false),
                }
                : null,
            cancellationToken).ConfigureAwait(false);
        return page is not null ? visit.Page(page)
            : visit.Message(404, "No such delivery", $"It was put back into its lane, or more than {IDeliveryStore.FailuresKept} others have been given up since.");
    }

    private async ValueTask<NodeResponse> RetryAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = Visit.Number(visit.Form["id"]);
        if (!await store.ExecuteAsync((session, ct) => session.Deliveries.RetryAsync(id, ct), cancellationToken).ConfigureAwait(false))
            return visit.Message(404, "Nothing changed", "This delivery is gone, or nobody listens there any more.");
        signal.Wake();
        return visit.To("/queue");
    }

    private async ValueTask<NodeResponse> RetryAllAsync(Visit visit, CancellationToken cancellationToken)
    {
        var host = visit.Form["host"].Trim();
        // No more than are kept, so that it ends also where they are given up again meanwhile.
        var (back, step) = (0, RetriedAtOnce);
        for (; step == RetriedAtOnce && back < IDeliveryStore.FailuresKept; back += step)
        {
            step = await store.ExecuteAsync(
                (session, ct) => session.Deliveries.RetryAllAsync(host, RetriedAtOnce, ct), cancellationToken).ConfigureAwait(false);
        }

        if (back == 0)
            return visit.Message(404, "Nothing changed", "Nothing that was given up there is left, or nobody listens there any more.");
        signal.Wake();
        return visit.To("/queue");
    }

    private async ValueTask<NodeResponse> ProbeAsync(Visit visit, CancellationToken cancellationToken)
    {
        var host = visit.Form["host"].Trim();
        if (!await store.ExecuteAsync((session, ct) => session.Deliveries.ProbeAsync(host, ct), cancellationToken).ConfigureAwait(false))
            return visit.Message(404, "Nothing changed", "Nothing waits for this destination.");
        signal.Wake();
        return visit.To("/queue");
    }
}
