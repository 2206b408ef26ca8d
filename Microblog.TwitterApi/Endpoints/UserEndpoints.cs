using System.Globalization;
using Microblog.Http;
using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>People, and whom they hear (§8.3, §10).</summary>
internal sealed class UserEndpoints(MicroblogNode node, NodeAddresses addresses, PeopleFinder people, UserPages pages) : IApiEndpoints
{
    private const int MostPeople = 200;
    private const int MostIds = 5_000;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("users/show", ApiFormats.Object, ApiAccess.Anyone, ShowAsync) { TakesId = true },
        new("users/lookup", ApiFormats.Object, ApiAccess.Anyone, LookupAsync) { AlsoByPost = true },
        new("users/profile_image", ApiFormats.Object, ApiAccess.Anyone, PictureAsync) { TakesId = true },
        People("statuses/friends", isFollowers: false, isObject: false),
        People("statuses/followers", isFollowers: true, isObject: false),
        People("friends/list", isFollowers: false, isObject: true),
        People("followers/list", isFollowers: true, isObject: true),
        Ids("friends/ids", isFollowers: false),
        Ids("followers/ids", isFollowers: true),
    ];

    private ApiEndpoint People(string path, bool isFollowers, bool isObject) =>
        new(path, ApiFormats.Object, ApiAccess.Named, (call, ct) => PeopleAsync(call, isFollowers, isObject, ct)) { TakesId = true };

    private ApiEndpoint Ids(string path, bool isFollowers) =>
        new(path, ApiFormats.Object, ApiAccess.Named, (call, ct) => IdsAsync(call, isFollowers, ct)) { TakesId = true };

    private async ValueTask<ApiResult> ShowAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) => await people.FindAsync(session, call, ct).ConfigureAwait(false) is { } person
            ? await pages.AnswerAsync(session, call, person, ct).ConfigureAwait(false)
            : ApiRefusal.NotFound("There is no such user."),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> LookupAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        // Nobody is no error: some clients end the session at one.
        async (session, ct) =>
            await pages.AnswerAsync(session, call, await pages.FindAllAsync(session, call, ct).ConfigureAwait(false), next: null, ct).ConfigureAwait(false),
        cancellationToken).ConfigureAwait(false);

    // One picture serves all sizes.
    private async ValueTask<ApiResult> PictureAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) => await people.FindAsync(session, call, ct).ConfigureAwait(false) is { } person
            ? ApiResult.Of(new NodeResponse(302, NodeBody.None).With("Location", addresses.AvatarUrl(person)))
            : ApiRefusal.NotFound("There is no such user."),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> PeopleAsync(ApiCall call, bool isFollowers, bool isObject, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await people.FindAsync(session, call, ct).ConfigureAwait(false) is not { } person)
                return ApiRefusal.NotFound("There is no such user.");
            if (await FollowLists.RefuseAsync(session, call, person, ct).ConfigureAwait(false) is { } refusal)
                return refusal;
            var count = call.Parameters.Count(isObject ? 20 : 100, MostPeople);
            var isPaged = isObject || call.Parameters.Has("cursor");
            var (shown, next) = await FollowLists.ReadAsync(session, call, person, isFollowers, count, isPaged, ct).ConfigureAwait(false);
            return await pages.AnswerAsync(session, call, shown, isPaged ? next : null, ct).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> IdsAsync(ApiCall call, bool isFollowers, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await people.FindAsync(session, call, ct).ConfigureAwait(false) is not { } person)
                return ApiRefusal.NotFound("There is no such user.");
            if (await FollowLists.RefuseAsync(session, call, person, ct).ConfigureAwait(false) is { } refusal)
                return refusal;
            var isPaged = call.Parameters.Has("cursor");
            var (shown, next) = await FollowLists.ReadAsync(session, call, person, isFollowers, MostIds, isPaged, ct).ConfigureAwait(false);
            return AnswerIds(call, shown.Select(one => one.Id), isPaged ? next : null);
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Answers with numbers: a bare list, or one with the way to the next.</summary>
    public static ApiResult AnswerIds(ApiCall call, IEnumerable<ProfileId> ids, long? next) => call.Answer(writer =>
    {
        if (next is not { } cursor)
        {
            WriteIds("ids");
            return;
        }

        writer.StartObject("id_list");
        WriteIds("ids");
        WriteCursors(writer, cursor);
        writer.EndObject();

        void WriteIds(string name)
        {
            writer.StartList(name);
            foreach (var id in ids)
                writer.Write("id", id.Value);
            writer.EndList();
        }
    });

    /// <summary>Writes where a list goes on. Nobody goes back by a cursor: who wants the page before has kept it.</summary>
    public static void WriteCursors(ApiWriter writer, long next)
    {
        writer.Write("next_cursor", next);
        writer.Write("next_cursor_str", next.ToString(CultureInfo.InvariantCulture));
        writer.Write("previous_cursor", 0);
        writer.Write("previous_cursor_str", "0");
    }
}
