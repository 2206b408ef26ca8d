using Microblog.Feeds;
using Microblog.Http;
using Microblog.Moderation;
using Microblog.People;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>People's pages and identifiers.</summary>
internal sealed class ProfileRoutes(PageRoutes pages, MicroblogNode node, IEnumerable<IProfileRepresentation> representations) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/{nickname}", ShowAsync),
        pages.Get("/user/{id}", IdentifyAsync),
    ];

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var name = visit.Request.Route("nickname");
        var found = await node.FindLocalAsync(name, cancellationToken).ConfigureAwait(false);
        if (found is not { MayAct: true } person)
            return Missing(visit, found);
        if (person.Nickname != name)
            return visit.To("/" + person.Nickname);
        var accept = visit.Request.Header("Accept");
        foreach (var form in representations)
        {
            if (form.IsPreferred(accept))
                return (await form.RenderAsync(person, cancellationToken).ConfigureAwait(false)).With("Vary", "Accept");
        }

        var page = await ReadAsync(visit, person, "/" + person.Nickname, cancellationToken).ConfigureAwait(false);
        var response = visit.Page(page with
        {
            RemoteSubscribeUrl = representations.Select(f => f.SubscribeUrl(person)).FirstOrDefault(u => u is not null) ?? "",
            Head = [.. representations.SelectMany(f => f.HeadElements(person)), .. FeedRoutes.Links(visit.Frame, "/" + person.Nickname)],
        });
        return response with { Headers = [new("Vary", "Accept"), .. representations.SelectMany(f => f.Headers(person))] };
    }

    // The identifier of a local person leads to the page, which may move (OMB-10). A remote person has only this page here.
    private async ValueTask<NodeResponse> IdentifyAsync(Visit visit, CancellationToken cancellationToken)
    {
        var person = await node.FindProfileAsync(new ProfileId(Visit.Number(visit.Request.Route("id"))), cancellationToken).ConfigureAwait(false);
        if (person is null or { IsDeleted: true } or { Standing: Standing.Suspended })
            return Missing(visit, person);
        if (person.IsLocal)
            return visit.To("/" + person.Nickname).With("Vary", "Accept");
        return await node.ReadAsync(
            async (session, ct) => await ProfileVisibility.IsKnownToAsync(session, visit.Viewer, person, ct).ConfigureAwait(false)
                && !await ProfileVisibility.IsHiddenAsync(session, person, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false)
            ? visit.Page(await ReadAsync(visit, person, $"/user/{person.Id}", cancellationToken).ConfigureAwait(false))
            : visit.NotFound();
    }

    private static NodeResponse Missing(Visit visit, Profile? person) =>
        (person is { IsLocal: true, IsDeleted: true }
            ? visit.Message(410, "Gone", "This person has left.")
            : person is { IsLocal: true, Standing: Standing.Suspended }
            ? visit.Message(404, "Suspended", "This person's account is suspended here.")
            : visit.NotFound()).With("Vary", "Accept");

    private async Task<ProfilePage> ReadAsync(Visit visit, Profile person, string path, CancellationToken cancellationToken)
    {
        return await node.ReadAsync(
            visit.Freshness,
            async (session, ct) =>
            {
                var slice = await TimelineSlice.ReadAsync(
                    visit, session, path, (timelines, request) => timelines.ProfileAsync(person.Id, visit.Viewer, request, ct), ct).ConfigureAwait(false);
                var page = new ProfilePage
                {
                    Person = person,
                    Slice = slice,
                    Counts = person.IsLocal ? await session.Profiles.CountAsync(person.Id, ct).ConfigureAwait(false) : null,
                };
                if (visit.Viewer.IsNone)
                    return page;
                return page with
                {
                    Subscription = await FindSubscriptionAsync(session, visit.Viewer, person, ct).ConfigureAwait(false),
                    IsMuted = (await session.Subscriptions.ListMutesAsync(visit.Viewer, PageRequest.MaxCount, ct).ConfigureAwait(false))
                        .Any(mute => mute.Muted == person.Uri),
                    IsBlocked = await session.Subscriptions.IsBlockedAsync(visit.Viewer, person.Uri, ct).ConfigureAwait(false),
                };
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<Subscription?> FindSubscriptionAsync(
        IReadSession session, ProfileId viewer, Profile person, CancellationToken cancellationToken)
    {
        var found = person.IsLocal
            ? await session.Subscriptions.FindAsync(viewer, person.Uri, "", cancellationToken).ConfigureAwait(false)
            : person.Scope.IsNone
            // Once proven, nothing on the person says through which peer the viewer hears them.
            ? (await session.Subscriptions.ListPublishersAsync(viewer, null, PageRequest.MaxCount, cancellationToken).ConfigureAwait(false))
                .FirstOrDefault(e => e.Other.Uri == person.Uri)?.Subscription
            : await session.Subscriptions.FindAsync(person.Scope, cancellationToken).ConfigureAwait(false);
        return found is { State: SubscriptionState.Requested or SubscriptionState.Active } && found.Subscriber == viewer ? found : null;
    }
}
