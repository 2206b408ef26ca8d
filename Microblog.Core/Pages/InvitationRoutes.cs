using Microblog.Http;
using Microblog.Invitations;

namespace Microblog.Pages;

/// <summary>Inviting people by a link, and what they see when they open it.</summary>
internal sealed class InvitationRoutes(PageRoutes pages, MicroblogNode node, TimeProvider clock) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/invitations", (visit, person, ct) => ListAsync(visit, person, new Shown(), ct)),
        pages.Post("/invitations", CreateAsync),
        pages.Post("/invitations/remove", RemoveAsync),
        pages.Get("/invitation/{secret}", ShowAsync),
    ];

    private async ValueTask<NodeResponse> ListAsync(Visit visit, Profile person, Shown shown, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var kept = await node.InvitationsAsync(person.Id, cancellationToken).ConfigureAwait(false);
        return visit.Page(
            new InvitationsPage { Invitations = [.. kept.Where(invitation => invitation.ExpiresAt > now)], Link = shown.Link, Problem = shown.Problem },
            shown.Problem.Length > 0 ? 400 : 200);
    }

    // The answer shows the link itself: it is kept nowhere that another page could show it from.
    private async ValueTask<NodeResponse> CreateAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var terms = new InvitationTerms
        {
            Lifetime = TimeSpan.FromDays(Math.Min(Visit.Number(visit.Form["days"]), 10_000)),
            MaxUses = (int)Math.Min(Visit.Number(visit.Form["uses"]), int.MaxValue),
            FollowsBack = visit.Form.Has("follow_back"),
        };
        var made = await node.InviteAsync(person.Id, terms, cancellationToken).ConfigureAwait(false);
        return await ListAsync(
            visit, person, made.IsDone(out var invitation, out var problem) ? new Shown(Link: invitation.Link) : new Shown(problem), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NodeResponse> RemoveAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await node.TakeBackInvitationAsync(person.Id, visit.Form["key"], cancellationToken).ConfigureAwait(false)
            ? visit.To("/invitations")
            : visit.Message(404, "Nothing changed", "You have no such invitation.");

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var secret = visit.Request.Route("secret");
        if (!(await node.FindInvitationAsync(secret, cancellationToken).ConfigureAwait(false)).IsDone(out var invitation, out var problem))
            return visit.Message(404, "This invitation does not work", problem);
        return await node.FindProfileAsync(invitation.Inviter, cancellationToken).ConfigureAwait(false) is { MayAct: true } inviter
            ? visit.Page(new InvitationPage { Inviter = inviter, Invitation = invitation, Secret = secret }).With("X-Robots-Tag", "noindex")
            : visit.NotFound();
    }

    private sealed record Shown(string Problem = "", string Link = "");
}
