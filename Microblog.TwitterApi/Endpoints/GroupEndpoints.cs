using Microblog.Http;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Groups (§8.8).</summary>
internal sealed class GroupEndpoints(MicroblogNode node, NodeAddresses addresses, PeopleFinder people, GroupObject groups, UserPages users) : IApiEndpoints
{
    private const int MostPeople = 200;
    private const int Chunk = 200;
    private const int MostRead = 10_000;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("statusnet/groups/show", ApiFormats.Object, ApiAccess.Anyone, ShowAsync) { TakesId = true },
        new("statusnet/groups/create", ApiFormats.Object, ApiAccess.Write, CreateAsync),
        new("statusnet/groups/join", ApiFormats.Object, ApiAccess.Write, (call, ct) => ChangeAsync(call, isJoin: true, ct)) { TakesId = true },
        new("statusnet/groups/leave", ApiFormats.Object, ApiAccess.Write, (call, ct) => ChangeAsync(call, isJoin: false, ct)) { TakesId = true },
        new("statusnet/groups/is_member", ApiFormats.Object, ApiAccess.Named, IsMemberAsync),
        new("statusnet/groups/list", ApiFormats.Timeline, ApiAccess.Named, ListAsync) { TakesId = true },
        new("statusnet/groups/list_all", ApiFormats.Timeline, ApiAccess.Anyone, ListAllAsync),
        new("statusnet/groups/membership", ApiFormats.Object, ApiAccess.Anyone, MembersAsync) { TakesId = true },
    ];

    private async ValueTask<ApiResult> ShowAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await PeopleFinder.FindGroupAsync(session, call, ct).ConfigureAwait(false) is not { } group)
                return NoGroup();
            // An alias leads to the number, which stays.
            var named = call.PathId.Length > 0 ? call.PathId : call.Parameters.Has("id") ? call.Parameters["id"] : call.Parameters["group_name"];
            if (named.Length > 0 && !named.All(char.IsAsciiDigit) && !string.Equals(named.TrimStart('!'), group.Nickname, StringComparison.OrdinalIgnoreCase))
            {
                var to = addresses.At($"{ApiRoutes.Root}/statusnet/groups/show/{group.Id}.{(call.Format == ApiFormats.Xml ? "xml" : "json")}");
                return ApiResult.Of(new NodeResponse(301, NodeBody.None).With("Location", to));
            }

            return await AnswerAsync(session, call, group, ct).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> CreateAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters;
        var created = await node.CreateGroupAsync(
            call.Reader,
            parameters["nickname"],
            new GroupDetails
            {
                FullName = parameters["full_name"].Trim(),
                Homepage = parameters["homepage"].Trim(),
                Description = parameters["description"].Trim(),
                Location = parameters["location"].Trim(),
                Aliases = parameters["aliases"].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            },
            cancellationToken).ConfigureAwait(false);
        return created.IsDone(out var group, out var problem)
            ? await AnswerAsync(call, group.Id, cancellationToken).ConfigureAwait(false)
            : ApiRefusal.Forbidden(problem);
    }

    private async ValueTask<ApiResult> ChangeAsync(ApiCall call, bool isJoin, CancellationToken cancellationToken)
    {
        var (group, standing) = await node.ReadAsync(
            async (session, ct) => await PeopleFinder.FindGroupAsync(session, call, ct).ConfigureAwait(false) is { } found
                ? (found, await session.Groups.FindStandingAsync(found.Id, call.Reader, ct).ConfigureAwait(false))
                : default,
            cancellationToken).ConfigureAwait(false);
        if (group is null)
            return NoGroup();
        if (isJoin && standing >= GroupStanding.Member)
            return ApiRefusal.Forbidden("You are in this group already.");
        var changed = isJoin
            ? await node.JoinGroupAsync(call.Reader, group.Id, cancellationToken).ConfigureAwait(false)
            : await node.LeaveGroupAsync(call.Reader, group.Id, cancellationToken).ConfigureAwait(false);
        return changed.Problem is { } problem ? ApiRefusal.Forbidden(problem) : await AnswerAsync(call, group.Id, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiResult> IsMemberAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var parameters = call.Parameters;
            var person = parameters.Has("user_id") ? await PeopleFinder.FindByNumberAsync(session, call.Reader, new ProfileId(parameters.Number("user_id")), ct).ConfigureAwait(false)
                : parameters.Has("screen_name") ? await people.FindByNameAsync(session, call.Reader, parameters["screen_name"], ct).ConfigureAwait(false)
                : call.Caller?.Person;
            var name = parameters.Has("group_id") ? parameters["group_id"] : parameters["group_name"];
            var group = ApiParameters.Number(name) is > 0 and var id
                ? await session.Groups.FindAsync(new GroupId(id), ct).ConfigureAwait(false)
                : await session.Groups.FindAsync(Text.NoticeText.FoldTag(name), ct).ConfigureAwait(false);
            if (person is null || group is null)
                return ApiRefusal.NotFound(person is null ? "There is no such user." : "There is no such group.");
            var isMember = person.IsLocal && await session.Groups.FindStandingAsync(group.Id, person.Id, ct).ConfigureAwait(false) >= GroupStanding.Member;
            return call.Answer(writer =>
            {
                if (call.Format == ApiFormats.Json)
                    writer.StartObject("hash");
                writer.Write("is_member", isMember);
                if (call.Format == ApiFormats.Json)
                    writer.EndObject();
            });
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> ListAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await people.FindAsync(session, call, ct).ConfigureAwait(false) is not { } person)
                return ApiRefusal.NotFound("There is no such user.");
            return await ListAsync(
                session,
                call,
                $"Groups of {person.Address}",
                async last => [.. (await session.Groups.ListOfAsync(person.Id, last?.Id, Chunk, ct).ConfigureAwait(false)).Select(membership => membership.Group)],
                ct).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> ListAllAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        (session, ct) => ListAsync(
            session,
            call,
            "Groups",
            last => session.Groups.ListAsync(GroupOrder.Newest, last is null ? null : GroupPlace.Of(last), Chunk, ct),
            ct),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> ListAsync(
        IReadSession session, ApiCall call, string title, Func<Group?, ValueTask<IReadOnlyList<Group>>> read, CancellationToken cancellationToken)
    {
        var count = call.Parameters.Count();
        var skipped = (call.Parameters.Page - 1) * count;
        var (since, max) = (call.Parameters.Number("since_id"), call.Parameters.Number("max_id"));
        var shown = new List<Group>();
        Group? last = null;
        for (var looked = 0; looked < MostRead && skipped < MostRead && shown.Count < count; looked += Chunk)
        {
            var some = await read(last).ConfigureAwait(false);
            foreach (var group in some.Where(group => group.Id.Value > since && (max == 0 || group.Id.Value <= max)))
            {
                if (skipped-- <= 0 && shown.Count < count)
                    shown.Add(group);
            }

            if (some.Count < Chunk)
                break;
            last = some[^1];
        }

        if (FeedPages.IsWanted(call))
        {
            return ApiResult.Of(
                GroupFeed.Write(call.Format, title, addresses.Origin + call.Request.RawTarget, addresses.At("/groups"), shown, addresses),
                ApiFormat.MediaType(call.Format),
                shown.Count == 0 ? null : shown.Max(group => group.CreatedAt));
        }

        var standings = new List<(Group Group, GroupStanding? Standing)>();
        foreach (var group in shown)
            standings.Add((group, await StandingAsync(session, call, group, cancellationToken).ConfigureAwait(false)));
        return call.Answer(
            writer =>
            {
                writer.StartList("groups");
                foreach (var (group, standing) in standings)
                    groups.Write(writer, group, standing, admins: null);
                writer.EndList();
            },
            shown.Count == 0 ? null : shown.Max(group => group.CreatedAt));
    }

    private async ValueTask<ApiResult> MembersAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await PeopleFinder.FindGroupAsync(session, call, ct).ConfigureAwait(false) is not { } group)
                return NoGroup();
            var count = call.Parameters.Count(100, MostPeople);
            var skipped = (call.Parameters.Page - 1) * count;
            var members = new List<Profile>();
            MemberPlace? after = null;
            for (var looked = 0; looked < MostRead && skipped < MostRead && members.Count < count; looked += Chunk)
            {
                var some = await session.Groups.ListMembersAsync(group.Id, blocked: false, after, Chunk, ct).ConfigureAwait(false);
                foreach (var member in some.Where(member => member.Person.MayAct))
                {
                    if (skipped-- <= 0 && members.Count < count)
                        members.Add(member.Person);
                }

                if (some.Count < Chunk)
                    break;
                after = some[^1].Place;
            }

            var page = await UserPages.ReadAsync(session, call, members, withStatus: true, ct).ConfigureAwait(false);
            return call.Answer(writer =>
            {
                writer.StartList("users");
                foreach (var member in members)
                    users.Write(writer, member, page);
                writer.EndList();
            });
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> AnswerAsync(ApiCall call, GroupId id, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) => await session.Groups.FindAsync(id, ct).ConfigureAwait(false) is { } group
            ? await AnswerAsync(session, call, group, ct).ConfigureAwait(false) : NoGroup(),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> AnswerAsync(IReadSession session, ApiCall call, Group group, CancellationToken cancellationToken)
    {
        var standing = await StandingAsync(session, call, group, cancellationToken).ConfigureAwait(false);
        // Admins come first.
        var first = await session.Groups.ListMembersAsync(group.Id, blocked: false, null, Chunk, cancellationToken).ConfigureAwait(false);
        var admins = first.Count(member => member.Place.Standing == GroupStanding.Admin);
        return call.Answer(writer => groups.Write(writer, group, standing, admins), group.CreatedAt);
    }

    private static async ValueTask<GroupStanding?> StandingAsync(IReadSession session, ApiCall call, Group group, CancellationToken cancellationToken) =>
        call.Reader.IsNone ? null : await session.Groups.FindStandingAsync(group.Id, call.Reader, cancellationToken).ConfigureAwait(false);

    private static ApiRefusal NoGroup() => ApiRefusal.NotFound("There is no such group.");
}
