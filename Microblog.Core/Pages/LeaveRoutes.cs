using Microblog.Http;

namespace Microblog.Pages;

/// <summary>Leaving the node for good.</summary>
internal sealed class LeaveRoutes(PageRoutes pages, MicroblogNode node) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/settings/leave", (visit, person, _) => new(visit.Page(new LeavePage { Nickname = person.Nickname }))),
        pages.Post("/settings/leave", LeaveAsync),
    ];

    private async ValueTask<NodeResponse> LeaveAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        if (visit.Form["nickname"].Trim() != person.Nickname)
            return visit.Page(new LeavePage { Nickname = person.Nickname, Problem = "Nothing was deleted: this is not your nickname." }, 400);
        await node.LeaveAsync(person.Id, cancellationToken).ConfigureAwait(false);
        return visit.To("/");
    }
}
