using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Favourites, blocks, mutes and reports (§8.5, §10).</summary>
internal sealed class MarkEndpoints(
    MicroblogNode node, Moderation.NodeModeration moderation, PeopleFinder people, StatusPages statuses, UserPages users) : IApiEndpoints
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("favorites/create", ApiFormats.Object, ApiAccess.Write, (call, ct) => FavouriteAsync(call, isOn: true, ct)) { TakesId = true },
        new("favorites/destroy", ApiFormats.Object, ApiAccess.Write, (call, ct) => FavouriteAsync(call, isOn: false, ct)) { TakesId = true, AlsoByDelete = true },
        Person("blocks/create", (call, person, ct) => node.BlockAsync(call.Reader, person.Uri, ct)),
        Person("blocks/destroy", (call, person, ct) => node.UnblockAsync(call.Reader, person.Uri, ct)),
        Person("mutes/users/create", (call, person, ct) => node.MuteAsync(call.Reader, person.Uri, null, ct)),
        Person("mutes/users/destroy", (call, person, ct) => node.UnmuteAsync(call.Reader, person.Uri, ct)),
        Person("users/report_spam", ReportAsync),
    ];

    private ApiEndpoint Person(string path, Func<ApiCall, Profile, CancellationToken, Task> change) => new(path, ApiFormats.Object, ApiAccess.Write, async (call, token) =>
    {
        var person = PeopleFinder.NamesSomebody(call)
            ? await node.ReadAsync((session, ct) => people.FindAsync(session, call, ct), token).ConfigureAwait(false) : null;
        if (person is null)
            return ApiRefusal.NotFound("There is no such user.");
        if (person.Id == call.Reader)
            return ApiRefusal.Forbidden("That is you.");
        await change(call, person, token).ConfigureAwait(false);
        return await users.AnswerAsync(call, person.Id, token).ConfigureAwait(false);
    })
    {
        TakesId = true,
    };

    private async ValueTask<ApiResult> FavouriteAsync(ApiCall call, bool isOn, CancellationToken cancellationToken)
    {
        var (found, isFavourite) = await FindAsync(call, cancellationToken).ConfigureAwait(false);
        if (found is null)
            return ApiRefusal.NoStatus();
        if (isFavourite == isOn)
            return isOn ? new ApiRefusal(403, 139, "This status is a favourite already.") : new ApiRefusal(403, 144, "This status is no favourite.");
        var isDone = isOn
            ? await node.FavouriteAsync(call.Reader, found.Notice.Id, cancellationToken).ConfigureAwait(false)
            : await node.UnfavouriteAsync(call.Reader, found.Notice.Id, cancellationToken).ConfigureAwait(false);
        return isDone
            ? await node.ReadAsync(
                async (session, ct) => await session.Notices.FindAsync(found.Notice.Id, call.Reader, ct).ConfigureAwait(false) is { } entry
                    ? await statuses.AnswerAsync(session, call, entry, ct).ConfigureAwait(false)
                    : ApiRefusal.NoStatus(),
                cancellationToken).ConfigureAwait(false)
            : ApiRefusal.NoStatus();
    }

    // Whoever likes a repeat likes what it repeats.
    private Task<(TimelineEntry? Found, bool IsFavourite)> FindAsync(ApiCall call, CancellationToken cancellationToken) => node.ReadAsync(
        async (session, ct) =>
        {
            if (await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is not { } found)
                return default((TimelineEntry?, bool));
            var reactions = await session.Reactions.ListAsync(call.Reader, [(found.Repeated ?? found).Notice.Id], ct).ConfigureAwait(false);
            return (found, reactions is [{ IsFavourite: true }]);
        },
        cancellationToken);

    // As Twitter's did: whoever is reported is blocked, too.
    private async Task ReportAsync(ApiCall call, Profile person, CancellationToken cancellationToken)
    {
        await moderation.ReportAsync(call.Reader, person.Id, [], "Reported as spam by a client.", cancellationToken).ConfigureAwait(false);
        await node.BlockAsync(call.Reader, person.Uri, cancellationToken).ConfigureAwait(false);
    }
}
