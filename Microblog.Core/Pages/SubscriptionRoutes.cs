using Microblog.Federation;
using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Followers, approval, and following others.</summary>
internal sealed class SubscriptionRoutes(PageRoutes pages, MicroblogNode node) : INodeRoutes
{
    private const int Count = 50;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/followers", FollowersAsync),
        pages.Post("/followers/approve", (visit, person, ct) => FollowerAsync(visit, node.ApproveAsync(person.Id, Id(visit.Form), ct))),
        pages.Post("/followers/remove", (visit, person, ct) => FollowerAsync(visit, node.RemoveFollowerAsync(person.Id, Id(visit.Form), ct))),
        pages.GetOwn("/following", FollowingAsync),
        pages.GetOwn("/subscribe", (visit, _, _) => new(visit.Page(new SubscribePage { Target = visit.Query["target"] }))),
        // It may cost requests to other services.
        pages.Post("/subscribe", SubscribeAsync) with { Rate = RateClass.Open },
        pages.Post("/unsubscribe", UnsubscribeAsync),
    ];

    private static SubscriptionId Id(NodeForm form) => new(Visit.Number(form["id"]));

    private static SubscriptionId? Before(Visit visit) =>
        Visit.Number(visit.Query["before"]) is var id and > 0 ? new SubscriptionId(id) : null;

    private static SubscriptionId? Older(IReadOnlyList<SubscriptionEntry> entries) =>
        entries.Count == Count ? entries[^1].Subscription.Id : null;

    private async ValueTask<NodeResponse> FollowersAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var before = Before(visit);
        return visit.Page(await node.ReadAsync(
            async (session, ct) =>
            {
                var followers = await session.Subscriptions.ListSubscribersAsync(
                    person.Id, SubscriptionState.Active, before, Count, ct).ConfigureAwait(false);
                return new FollowersPage
                {
                    Waiting = before is not null ? []
                        : await session.Subscriptions.ListSubscribersAsync(person.Id, SubscriptionState.Requested, null, Count, ct).ConfigureAwait(false),
                    Followers = followers,
                    Imported = before is not null ? []
                        : await session.Archive.ListSubscribersAsync(person.Id, SubscriptionState.Imported, default, Count, ct).ConfigureAwait(false),
                    Older = Older(followers),
                };
            },
            cancellationToken).ConfigureAwait(false));
    }

    private static async ValueTask<NodeResponse> FollowerAsync(Visit visit, Task<bool> change) =>
        await change.ConfigureAwait(false)
            ? visit.To("/followers")
            : visit.Message(404, "Nothing changed", "You have no such follower any more.");

    private async ValueTask<NodeResponse> FollowingAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var before = Before(visit);
        var (publishers, imported) = await node.ReadAsync(
            async (session, ct) => (
                await session.Subscriptions.ListPublishersAsync(person.Id, before, Count, ct).ConfigureAwait(false),
                before is not null ? []
                    : await session.Archive.ListPublishersAsync(person.Id, SubscriptionState.Imported, default, Count, ct).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        return visit.Page(new FollowingPage
        {
            Publishers = publishers,
            Imported = imported,
            Older = Older(publishers),
            Message = visit.Query["done"] switch
            {
                "active" => "You follow this person now.",
                "requested" => "The person has been asked, and will appear here after approving you.",
                "ended" => "You no longer follow this person.",
                _ => "",
            },
        });
    }

    private async ValueTask<NodeResponse> SubscribeAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var target = visit.Form["target"].Trim();
        return await node.SubscribeAsync(person.Id, target, cancellationToken).ConfigureAwait(false) switch
        {
            SubscribeResult.Active => visit.To("/following?done=active"),
            SubscribeResult.Requested => visit.To("/following?done=requested"),
            SubscribeResult.Continue next => NodeResponse.SeeOther(next.Url),
            SubscribeResult.Refused refused => visit.Page(new SubscribePage { Target = target, Problem = refused.Reason }, 400),
            _ => throw new InvalidOperationException("A new kind of result."),
        };
    }

    private async ValueTask<NodeResponse> UnsubscribeAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await node.UnsubscribeAsync(person.Id, Id(visit.Form), cancellationToken).ConfigureAwait(false)
            ? visit.To("/following?done=ended")
            : visit.Message(404, "Nothing changed", "You have no such subscription any more.");
}
