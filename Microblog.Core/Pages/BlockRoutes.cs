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
                    var entries = new List<BlockEntry>();
                    foreach (var uri in await session.Subscriptions.ListBlocksAsync(person.Id, PageRequest.MaxCount, ct).ConfigureAwait(false))
                        entries.Add(new BlockEntry(uri, await session.Profiles.FindAsync(uri, default, ct).ConfigureAwait(false)));
                    return entries;
                },
                cancellationToken).ConfigureAwait(false),
            Muted = await node.ReadAsync(
                async (session, ct) =>
                {
                    var entries = new List<MuteEntry>();
                    foreach (var mute in await session.Subscriptions.ListMutesAsync(person.Id, PageRequest.MaxCount, ct).ConfigureAwait(false))
                        entries.Add(new MuteEntry(mute, await session.Profiles.FindAsync(mute.Muted, default, ct).ConfigureAwait(false)));
                    return entries;
                },
                cancellationToken).ConfigureAwait(false),
        });

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
