using Microblog.Search;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Methods of the later API for which clients of today ask, all of them other views of what the node knows anyway.</summary>
internal sealed class LaterEndpoints(MicroblogNode node, NodeAddresses addresses, StatusPages statuses, UserPages users) : IApiEndpoints
{
    private const int Most = 100;
    private const int MostPeople = 200;
    private const int MostIds = 5_000;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("statuses/lookup", ApiFormats.Object, ApiAccess.Anyone, LookUpStatusesAsync) { AlsoByPost = true },
        new("statuses/retweeters/ids", ApiFormats.Object, ApiAccess.Anyone, RepeatersAsync),
        new("users/search", ApiFormats.Object, ApiAccess.Person, SearchPeopleAsync),
        new("friendships/lookup", ApiFormats.Json, ApiAccess.Person, LookUpFriendshipsAsync),
        new("friendships/incoming", ApiFormats.Object, ApiAccess.Person, IncomingAsync),
        new("blocks/ids", ApiFormats.Object, ApiAccess.Person, (call, ct) => UrisAsync(call, isMutes: false, asIds: true, ct)),
        new("blocks/list", ApiFormats.Object, ApiAccess.Person, (call, ct) => UrisAsync(call, isMutes: false, asIds: false, ct)),
        new("mutes/users/ids", ApiFormats.Object, ApiAccess.Person, (call, ct) => UrisAsync(call, isMutes: true, asIds: true, ct)),
        new("mutes/users/list", ApiFormats.Object, ApiAccess.Person, (call, ct) => UrisAsync(call, isMutes: true, asIds: false, ct)),
    ];

    private async ValueTask<ApiResult> LookUpStatusesAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var ids = call.Parameters["id"].Split(',').Select(id => new NoticeId(ApiParameters.Number(id.Trim()))).Where(id => !id.IsNone).Distinct().Take(Most).ToList();
            var found = (await session.Notices.ListAsync(ids, call.Reader, ct).ConfigureAwait(false)).Where(StatusPages.IsNoLetter).ToList();
            return statuses.Answer(call, found, await Surroundings.ReadAsync(session, call.Reader, found, [], ct).ConfigureAwait(false));
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> RepeatersAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) => await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is { } entry
            ? UserEndpoints.AnswerIds(
                call, (await session.Reactions.ListRepeatersAsync(entry.Notice.Id, call.Reader, call.Parameters.Count(Most, Most), ct).ConfigureAwait(false)).Select(person => person.Id), 0)
            : ApiRefusal.NoStatus(),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> SearchPeopleAsync(ApiCall call, CancellationToken cancellationToken)
    {
        if (!SearchQuery.TryParse(call.Parameters["q"], out var query, out var problem, addresses.Host))
            return new ApiRefusal(400, 25, problem);
        return await node.ReadAsync(
            Freshness.MayLag,
            async (session, ct) =>
            {
                var page = (int)Math.Min(50, call.Parameters.Page);
                var count = call.Parameters.Count(20, 20);
                var found = await session.Search.PeopleAsync(query, call.Reader, Math.Min(MostPeople, page * count), ct).ConfigureAwait(false);
                return await users.AnswerAsync(session, call, [.. found.Skip((page - 1) * count)], next: null, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiResult> LookUpFriendshipsAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var found = await users.FindAllAsync(session, call, ct).ConfigureAwait(false);
            var relations = await session.Subscriptions.RelateAsync(call.Reader, [.. found.Select(person => person.Id)], ct).ConfigureAwait(false);
            return call.Answer(writer =>
            {
                writer.StartList("relationships");
                foreach (var person in found)
                    Write(writer, person, relations.GetValueOrDefault(person.Id));
                writer.EndList();
            });
        },
        cancellationToken).ConfigureAwait(false);

    private static void Write(ApiWriter writer, Profile person, Relation relation)
    {
        (string Name, bool Holds)[] connections =
        [
            ("following", relation.IsFollowing), ("following_requested", relation.IsRequested), ("followed_by", relation.IsFollowedBy),
            ("blocking", relation.IsBlocking), ("muting", relation.IsMuting), ("none", relation == default),
        ];
        writer.StartObject("relationship");
        writer.Write("name", person.FullName.Length > 0 ? person.FullName : person.Nickname);
        writer.Write("screen_name", person.Address);
        writer.WriteId("id", person.Id.Value);
        writer.StartList("connections");
        foreach (var (name, _) in connections.Where(connection => connection.Holds))
            writer.Write("connection", name);
        writer.EndList();
        writer.EndObject();
    }

    private async ValueTask<ApiResult> IncomingAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) => UserEndpoints.AnswerIds(
            call,
            (await session.Subscriptions.ListSubscribersAsync(call.Reader, SubscriptionState.Requested, null, MostPeople, ct).ConfigureAwait(false)).Select(entry => entry.Other.Id),
            0),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> UrisAsync(ApiCall call, bool isMutes, bool asIds, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var most = asIds ? MostIds : MostPeople;
            var uris = isMutes
                ? (await session.Subscriptions.ListMutesAsync(call.Reader, most, ct).ConfigureAwait(false)).Select(mute => mute.Muted)
                : await session.Subscriptions.ListBlocksAsync(call.Reader, most, ct).ConfigureAwait(false);
            var found = await session.Profiles.ListAsync([.. uris], ct).ConfigureAwait(false);
            return asIds
                ? UserEndpoints.AnswerIds(call, found.Select(person => person.Id), 0)
                : await users.AnswerAsync(session, call, found, next: 0, ct).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);
}
