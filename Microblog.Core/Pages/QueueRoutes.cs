using Microblog.Delivery;
using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>The delivery queue, for operators.</summary>
internal sealed class QueueRoutes(PageRoutes pages, MicroblogNode node, IMicroblogStore store, DeliverySignal signal) : INodeRoutes
{
    private const int Count = 100;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/queue", ShowAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/queue/retry", RetryAsync) with { Access = RouteAccess.Operator },
    ];

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken) =>
        visit.Page(await node.ReadAsync(
            async (session, ct) => new QueuePage
            {
                Depth = await session.Deliveries.MeasureAsync(ct).ConfigureAwait(false),
                Waiting = await session.Deliveries.ListWaitingAsync(Count, ct).ConfigureAwait(false),
                Failed = await session.Deliveries.ListFailedAsync(Count, ct).ConfigureAwait(false),
            },
            cancellationToken).ConfigureAwait(false));

    private async ValueTask<NodeResponse> RetryAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = Visit.Number(visit.Form["id"]);
        if (!await store.ExecuteAsync((session, ct) => session.Deliveries.RetryAsync(id, ct), cancellationToken).ConfigureAwait(false))
            return visit.Message(404, "Nothing changed", "This delivery is gone, or nobody listens there any more.");
        signal.Wake();
        return visit.To("/queue");
    }
}
