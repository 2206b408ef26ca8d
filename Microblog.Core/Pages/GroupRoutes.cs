using System.Globalization;
using Microblog.Feeds;
using Microblog.Groups;
using Microblog.Http;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Groups: the lists, a group's pages, and what its people and admins do.</summary>
internal sealed class GroupRoutes(PageRoutes pages, MicroblogNode node, IOptions<MicroblogOptions> options) : INodeRoutes
{
    private const int Count = 40;

    // Room for the longest text of four-byte characters that are put together from eight, each byte escaped.
    private const int FormSize = PageRoutes.SmallForm + (12 * 8 * (GroupLimits.Description + GroupLimits.FullName + GroupLimits.Location));

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/groups", ListAsync),
        pages.GetOwn("/groups/mine", ListOwnAsync),
        pages.GetOwn("/groups/create", (visit, _, _) => new(visit.Page(new GroupFormPage { Details = new() }))),
        pages.Post("/groups/create", CreateAsync, FormSize),
        pages.Get("/groups/{id}", IdentifyAsync),
        pages.Get("/group/{name}", (visit, ct) => ShowAsync(visit, "", ReadAsync, ct)),
        pages.Get("/group/{name}/members", (visit, ct) => ShowAsync(visit, "/members", ReadMembersAsync, ct)),
        pages.GetOwn("/group/{name}/settings", (visit, _, ct) => ShowAsync(visit, "/settings", ReadSettingsAsync, ct)),
        pages.Post("/groups/settings", SaveAsync, FormSize),
        Change("/groups/join", "", (visit, person, group, ct) => node.JoinGroupAsync(person, group, ct)),
        Change("/groups/leave", "", (visit, person, group, ct) => node.LeaveGroupAsync(person, group, ct)),
        Change("/groups/promote", "/members", (visit, person, group, ct) => node.MakeGroupAdminAsync(person, group, PersonOf(visit), ct)),
        Change("/groups/block", "/members", (visit, person, group, ct) => node.BlockFromGroupAsync(person, group, PersonOf(visit), ct)),
        Change("/groups/unblock", "/members", (visit, person, group, ct) => node.UnblockFromGroupAsync(person, group, PersonOf(visit), ct)),
        Change("/groups/remove", "", (visit, person, group, ct) =>
            node.RemoveFromGroupAsync(person, group, new NoticeId(Visit.Number(visit.Form["notice"])), ct)),
    ];

    private NodeRoute Change(string template, string path, Func<Visit, ProfileId, GroupId, CancellationToken, Task<Outcome<Group>>> change) =>
        pages.Post(template, async (visit, person, ct) =>
            (await change(visit, person.Id, GroupOf(visit), ct).ConfigureAwait(false)).IsDone(out var group, out var problem)
                ? visit.To($"/group/{group.Nickname}{path}")
                : visit.Message(400, "Nothing changed", problem));

    private static GroupId GroupOf(Visit visit) => new(Visit.Number(visit.Form["group"]));

    private static ProfileId PersonOf(Visit visit) => new(Visit.Number(visit.Form["person"]));

    private async ValueTask<NodeResponse> ListAsync(Visit visit, CancellationToken cancellationToken)
    {
        var order = visit.Query["by"] == "members" ? GroupOrder.Biggest : GroupOrder.Newest;
        var (id, members) = (Visit.Number(visit.Query["after"]), Visit.Number(visit.Query["members"]));
        var after = id == 0 ? (GroupPlace?)null : new GroupPlace(new GroupId(id), (int)Math.Min(members, int.MaxValue));
        var groups = await node.ReadAsync(
            visit.Freshness, (session, ct) => session.Groups.ListAsync(order, after, Count, ct), cancellationToken).ConfigureAwait(false);
        return visit.Page(new GroupsPage
        {
            Groups = groups,
            Order = order,
            Next = groups.Count < Count ? null
                : order == GroupOrder.Newest ? $"/groups?after={groups[^1].Id}"
                : string.Create(CultureInfo.InvariantCulture, $"/groups?by=members&members={groups[^1].Counts.Members}&after={groups[^1].Id}"),
        });
    }

    private async ValueTask<NodeResponse> ListOwnAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var before = Visit.Number(visit.Query["before"]);
        var memberships = await node.ReadAsync(
            (session, ct) => session.Groups.ListOfAsync(person.Id, before == 0 ? null : new GroupId(before), Count, ct), cancellationToken).ConfigureAwait(false);
        return visit.Page(new GroupsPage
        {
            Groups = [.. memberships.Select(membership => membership.Group)],
            IsOwn = true,
            Next = memberships.Count < Count ? null : $"/groups/mine?before={memberships[^1].Group.Id}",
        });
    }

    // What a notice went to is found by number, whatever names the group has now.
    private async ValueTask<NodeResponse> IdentifyAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = new GroupId(Visit.Number(visit.Request.Route("id")));
        return await node.ReadAsync((session, ct) => session.Groups.FindAsync(id, ct), cancellationToken).ConfigureAwait(false) is { } group
            ? visit.To($"/group/{group.Nickname}")
            : visit.NotFound();
    }

    // An alias leads to the nickname.
    private async ValueTask<NodeResponse> ShowAsync(
        Visit visit, string path, Func<Visit, IReadSession, Group, GroupStanding, CancellationToken, ValueTask<NodeResponse>> read, CancellationToken cancellationToken)
    {
        var name = visit.Request.Route("name");
        return await node.ReadAsync(
            visit.Freshness,
            async (session, ct) =>
            {
                if (await session.Groups.FindAsync(NoticeText.FoldTag(name), ct).ConfigureAwait(false) is not { } group)
                    return visit.NotFound();
                if (group.Nickname != name)
                    return visit.To($"/group/{group.Nickname}{path}");
                var standing = visit.Viewer.IsNone ? GroupStanding.Stranger : await session.Groups.FindStandingAsync(group.Id, visit.Viewer, ct).ConfigureAwait(false);
                return await read(visit, session, group, standing, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NodeResponse> ReadAsync(
        Visit visit, IReadSession session, Group group, GroupStanding standing, CancellationToken cancellationToken)
    {
        var slice = await TimelineSlice.ReadAsync(
            visit, session, $"/group/{group.Nickname}", (timelines, request) => timelines.GroupAsync(group.Id, visit.Viewer, request, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return visit.Page(new GroupPage
        {
            Group = group,
            Slice = slice,
            Live = slice.LiveAt($"/live/group/{group.Id}"),
            Head = [.. FeedRoutes.Links(visit.Frame, $"/group/{group.Nickname}")],
            Standing = standing,
            Form = standing < GroupStanding.Member ? null
                : new NoticeForm(visit.Frame.Viewer!.Profile!.License, options.Value.MaxNoticeLength) { Content = $"!{group.Nickname} " },
        });
    }

    private static async ValueTask<NodeResponse> ReadMembersAsync(
        Visit visit, IReadSession session, Group group, GroupStanding standing, CancellationToken cancellationToken)
    {
        var position = new TimelinePosition(Visit.Number(visit.Query["after"]));
        var after = position.Value == 0 ? (MemberPlace?)null
            : new MemberPlace(visit.Query.Has("admin") ? GroupStanding.Admin : GroupStanding.Member, position);
        var members = await session.Groups.ListMembersAsync(group.Id, blocked: false, after, Count, cancellationToken).ConfigureAwait(false);
        return visit.Page(new GroupMembersPage
        {
            Group = group,
            Members = [.. members.Where(member => member.Person.MayAct)],
            Blocked = standing == GroupStanding.Admin && after is null
                ? await session.Groups.ListMembersAsync(group.Id, blocked: true, null, PageRequest.MaxCount, cancellationToken).ConfigureAwait(false)
                : [],
            Standing = standing,
            Next = members.Count < Count ? null
                : $"/group/{group.Nickname}/members?after={members[^1].Place.Position}{(members[^1].Place.Standing == GroupStanding.Admin ? "&admin=1" : "")}",
        });
    }

    private static ValueTask<NodeResponse> ReadSettingsAsync(
        Visit visit, IReadSession session, Group group, GroupStanding standing, CancellationToken cancellationToken) => new(
        standing == GroupStanding.Admin ? visit.Page(new GroupFormPage { Group = group, Details = DetailsOf(group) })
        : visit.Message(403, "Not yours to change", "Only an admin of this group can do that."));

    private async ValueTask<NodeResponse> CreateAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var (nickname, details) = (visit.Form["nickname"], Read(visit));
        var result = await node.CreateGroupAsync(person.Id, nickname, details, cancellationToken).ConfigureAwait(false);
        return result.IsDone(out var group, out var problem)
            ? visit.To($"/group/{group.Nickname}")
            : visit.Page(new GroupFormPage { Nickname = nickname, Details = details, Problem = problem }, 400);
    }

    private async ValueTask<NodeResponse> SaveAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var (id, details) = (GroupOf(visit), Read(visit));
        var result = await node.UpdateGroupAsync(person.Id, id, details, cancellationToken).ConfigureAwait(false);
        if (result.IsDone(out var group, out var problem))
            return visit.To($"/group/{group.Nickname}");
        var (known, standing) = await node.ReadAsync<(Group?, GroupStanding)>(
            async (session, ct) => (
                await session.Groups.FindAsync(id, ct).ConfigureAwait(false),
                await session.Groups.FindStandingAsync(id, person.Id, ct).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        return known is not null && standing == GroupStanding.Admin
            ? visit.Page(new GroupFormPage { Group = known, Details = details, Problem = problem }, 400)
            : visit.Message(403, "Nothing changed", problem);
    }

    private static GroupDetails Read(Visit visit) => new()
    {
        FullName = visit.Form["fullname"],
        Description = visit.Lines("description"),
        Location = visit.Form["location"],
        Homepage = visit.Form["homepage"],
        Aliases = visit.Form["aliases"].Split((char[])[' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries),
    };

    private static GroupDetails DetailsOf(Group group) => new()
    {
        FullName = group.FullName,
        Description = group.Description,
        Location = group.Location,
        Homepage = group.Homepage,
        Aliases = group.Aliases,
    };
}
