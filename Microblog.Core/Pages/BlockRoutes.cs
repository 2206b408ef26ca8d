using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Blocking and muting people and letting them be.</summary>
internal sealed class BlockRoutes(PageRoutes pages, MicroblogNode node) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/blocks", ListAsync),
        pages.Post("/blocks/add", (visit, person, ct) => ChangeAsync(visit, person, node.BlockAsync, ct)),
        pages.Post("/blocks/remove", (visit, person, ct) => ChangeAsync(visit, person, node.UnblockAsync, ct)),
        pages.Post("/mutes/add", (visit, person, ct) => ChangeAsync(visit, person, (muter, muted, token) => node.MuteAsync(muter, muted, Duration(visit), token), ct)),
        pages.Post("/mutes/remove", (visit, person, ct) => ChangeAsync(visit, person, node.UnmuteAsync, ct)),
    ];

    // Anything but a number of hours is for good.
    private static TimeSpan? Duration(Visit visit) => Visit.Number(visit.Form["hours"]) is > 0 and <= 24 * 366 and var hours ? TimeSpan.FromHours(hours) : null;

    private async ValueTask<NodeResponse> ListAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        visit.Page(new BlocksPage
        {
            Blocked = await node.ReadAsync(
                async (session, ct) =>
                {
                    var uris = await session.Subscriptions.ListBlocksAsync(person.Id, PageRequest.MaxCount, ct).ConfigureAwait(false);
                    var people = await FindAsync(session, uris, ct).ConfigureAwait(false);
                    return uris.Select(uri => new BlockEntry(uri, people.GetValueOrDefault(uri))).ToList();
                },
                cancellationToken).ConfigureAwait(false),
            Muted = await node.ReadAsync(
                async (session, ct) =>
                {
                    var mutes = await session.Subscriptions.ListMutesAsync(person.Id, PageRequest.MaxCount, ct).ConfigureAwait(false);
                    var people = await FindAsync(session, mutes.Select(mute => mute.Muted), ct).ConfigureAwait(false);
                    return mutes.Select(mute => new MuteEntry(mute, people.GetValueOrDefault(mute.Muted))).ToList();
                },
                cancellationToken).ConfigureAwait(false),
        });

    // Of whom nobody sees anything there is the identifier alone, by which the block is taken back.
    private static async ValueTask<IReadOnlyDictionary<ProfileUri, Profile>> FindAsync(
        IReadSession session, IEnumerable<ProfileUri> uris, CancellationToken cancellationToken) =>
        (await session.Profiles.ListAsync([.. uris], cancellationToken).ConfigureAwait(false)).ToDictionary(found => found.Uri);

    private static async ValueTask<NodeResponse> ChangeAsync(
        Visit visit, Profile person, Func<ProfileId, ProfileUri, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        if (!ProfileUri.TryParse(visit.Form["uri"].Trim(), out var uri))
            return visit.Message(400, "Nothing changed", "This is not the identifier of anybody.");
        if (uri == person.Uri)
            return visit.Message(400, "Nothing changed", "You cannot do that to yourself.");
        await change(person.Id, uri, cancellationToken).ConfigureAwait(false);
        return visit.Back("/blocks");
    }
}
