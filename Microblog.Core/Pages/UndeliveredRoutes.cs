using Microblog.Delivery;
using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Tells people what of theirs was given up, and where, and has it sent again when they ask.</summary>
internal sealed class UndeliveredRoutes(PageRoutes pages, MicroblogNode node, IMicroblogStore store, DeliverySignal signal) : INodeRoutes
{
    private const string Path = "/settings/undelivered";
    private const int Count = 100;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn(Path, ShowAsync),
        pages.Post(Path, RetryAsync),
    ];

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        visit.Page(await node.ReadAsync(
            async (session, ct) =>
            {
                var failed = await session.Deliveries.ListFailedAsync(person.Id, Count, ct).ConfigureAwait(false);
                var notices = new Dictionary<NoticeId, Notice>();
                foreach (var id in failed.Select(item => item.Event.Notice).Where(id => !id.IsNone).Distinct())
                {
                    if (await session.Notices.FindAsync(id, person.Id, ct).ConfigureAwait(false) is { } entry)
                        notices.Add(id, entry.Notice);
                }

                return new UndeliveredPage { Failed = failed, Notices = notices };
            },
            cancellationToken).ConfigureAwait(false));

    private async ValueTask<NodeResponse> RetryAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var id = Visit.Number(visit.Form["id"]);
        var isBack = await store.ExecuteAsync(
            async (session, ct) => await session.Deliveries.FindFailedAsync(id, ct).ConfigureAwait(false) is { } failed
                && failed.Event.Author == person.Id && failed.Event.Kind != DeliveryEventKind.Lookup
                && await session.Deliveries.RetryAsync(id, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        if (!isBack)
            return visit.Message(404, "Nothing changed", "This is on its way again already, or none of your followers is there any more.");
        signal.Wake();
        return visit.To(Path);
    }
}
