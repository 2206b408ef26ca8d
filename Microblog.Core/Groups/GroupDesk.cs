using Microblog.People;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Groups;

/// <summary>Creates and changes groups, and lets people in and out. Every change finds the group first, so that changes of one group come one after the other.</summary>
internal sealed class GroupDesk(IMicroblogStore store, IOptions<MicroblogOptions> options)
{
    private const string NoSuchGroup = "There is no such group.";

    public async Task<Outcome<Group>> CreateAsync(ProfileId creator, string nickname, GroupDetails details, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(details);
        if (!Nickname.TryParse(nickname, out var name, out var problem, options.Value.ReservedNicknames))
            return Outcome<Group>.Refused(problem);
        if (!GroupLimits.Check(details, options.Value.ReservedNicknames).IsDone(out var checkedDetails, out problem))
            return Outcome<Group>.Refused(problem);
        using var id = store.Ids.Draw();
        var group = With(new Group { Id = id.Group, Nickname = name, Creator = creator, Counts = new GroupCounts(1, 0) }, checkedDetails);
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await ObjectToAsync(session, creator, ct).ConfigureAwait(false) is { } objection)
                    return Outcome<Group>.Refused(objection);
                return Added(group, await session.Groups.AddAsync(group, ct).ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<Outcome<Group>> UpdateAsync(ProfileId admin, GroupId id, GroupDetails details, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(details);
        if (!GroupLimits.Check(details, options.Value.ReservedNicknames).IsDone(out var checkedDetails, out var problem))
            return Outcome<Group>.Refused(problem);
        return await AsAdminAsync(
            admin,
            id,
            async (session, group, ct) =>
            {
                var changed = With(group, checkedDetails);
                return Added(changed, await session.Groups.UpdateAsync(changed, ct).ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<Outcome<Group>> JoinAsync(ProfileId person, GroupId id, CancellationToken cancellationToken)
    {
        using var place = store.Ids.Draw();
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await ObjectToAsync(session, person, ct).ConfigureAwait(false) is { } objection)
                    return Outcome<Group>.Refused(objection);
                if (await session.Groups.FindAsync(id, ct).ConfigureAwait(false) is not { } group)
                    return Outcome<Group>.Refused(NoSuchGroup);
                switch (await session.Groups.FindStandingAsync(id, person, ct).ConfigureAwait(false))
                {
                    case GroupStanding.Blocked:
                        return Outcome<Group>.Refused("An admin of this group keeps you out.");
                    case GroupStanding.Stranger:
                        // A group that everybody left belongs to whoever takes it up.
                        var standing = group.Counts.Members == 0 ? GroupStanding.Admin : GroupStanding.Member;
                        return await SetAsync(session, group, person, standing, place.Position, ct).ConfigureAwait(false);
                    default:
                        return Outcome<Group>.Done(group);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<Outcome<Group>> LeaveAsync(ProfileId person, GroupId id, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Groups.FindAsync(id, ct).ConfigureAwait(false) is not { } group)
                    return Outcome<Group>.Refused(NoSuchGroup);
                if (await session.Groups.FindStandingAsync(id, person, ct).ConfigureAwait(false) is not (>= GroupStanding.Member and var standing))
                    return Outcome<Group>.Refused("You are not in this group.");
                if (standing == GroupStanding.Admin && group.Counts.Members > 1 && !await HasOtherAdminAsync(session, id, ct).ConfigureAwait(false))
                    return Outcome<Group>.Refused("You are the only admin. Make another member one before you leave.");
                return await SetAsync(session, group, person, GroupStanding.Stranger, default, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    public Task<Outcome<Group>> PromoteAsync(ProfileId admin, GroupId id, ProfileId member, CancellationToken cancellationToken) => AsAdminAsync(
        admin,
        id,
        async (session, group, ct) => await session.Groups.FindStandingAsync(id, member, ct).ConfigureAwait(false) >= GroupStanding.Member
            ? await SetAsync(session, group, member, GroupStanding.Admin, default, ct).ConfigureAwait(false)
            : Outcome<Group>.Refused("Only a member can become an admin."),
        cancellationToken);

    public async Task<Outcome<Group>> BlockAsync(ProfileId admin, GroupId id, ProfileId person, CancellationToken cancellationToken)
    {
        using var place = store.Ids.Draw();
        return await AsAdminAsync(
            admin,
            id,
            async (session, group, ct) =>
            {
                if (await session.Profiles.FindAsync(person, ct).ConfigureAwait(false) is not { IsLocal: true, IsDeleted: false })
                    return Outcome<Group>.Refused("There is no such person here.");
                return await session.Groups.FindStandingAsync(id, person, ct).ConfigureAwait(false) == GroupStanding.Admin
                    ? Outcome<Group>.Refused("An admin cannot be blocked.")
                    : await SetAsync(session, group, person, GroupStanding.Blocked, place.Position, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task<Outcome<Group>> UnblockAsync(ProfileId admin, GroupId id, ProfileId person, CancellationToken cancellationToken) => AsAdminAsync(
        admin,
        id,
        async (session, group, ct) => await session.Groups.FindStandingAsync(id, person, ct).ConfigureAwait(false) == GroupStanding.Blocked
            ? await SetAsync(session, group, person, GroupStanding.Stranger, default, ct).ConfigureAwait(false)
            : Outcome<Group>.Refused("This person is not blocked."),
        cancellationToken);

    public Task<Outcome<Group>> RemoveNoticeAsync(ProfileId admin, GroupId id, NoticeId notice, CancellationToken cancellationToken) => AsAdminAsync(
        admin,
        id,
        async (session, _, ct) => await session.Groups.RemoveNoticeAsync(id, notice, ct).ConfigureAwait(false)
            ? Outcome<Group>.Done((await session.Groups.FindAsync(id, ct).ConfigureAwait(false))!)
            : Outcome<Group>.Refused("There is no such notice in this group."),
        cancellationToken);

    private async Task<Outcome<Group>> AsAdminAsync(
        ProfileId admin, GroupId id, Func<IStoreSession, Group, CancellationToken, ValueTask<Outcome<Group>>> work, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Groups.FindAsync(id, ct).ConfigureAwait(false) is not { } group)
                    return Outcome<Group>.Refused(NoSuchGroup);
                if (await session.Groups.FindStandingAsync(id, admin, ct).ConfigureAwait(false) != GroupStanding.Admin)
                    return Outcome<Group>.Refused("Only an admin of this group can do that.");
                return await ObjectToAsync(session, admin, ct).ConfigureAwait(false) is { } objection
                    ? Outcome<Group>.Refused(objection)
                    : await work(session, group, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private static async ValueTask<Outcome<Group>> SetAsync(
        IStoreSession session, Group group, ProfileId person, GroupStanding standing, TimelinePosition position, CancellationToken cancellationToken)
    {
        await session.Groups.SetStandingAsync(group.Id, person, standing, position, cancellationToken).ConfigureAwait(false);
        return Outcome<Group>.Done((await session.Groups.FindAsync(group.Id, cancellationToken).ConfigureAwait(false))!);
    }

    // Admins come first.
    private static async ValueTask<bool> HasOtherAdminAsync(IStoreSession session, GroupId id, CancellationToken cancellationToken) =>
        await session.Groups.ListMembersAsync(id, blocked: false, null, 2, cancellationToken).ConfigureAwait(false)
            is [_, { Place.Standing: GroupStanding.Admin }];

    private static async ValueTask<string?> ObjectToAsync(IStoreSession session, ProfileId person, CancellationToken cancellationToken)
    {
        var found = await session.Profiles.FindAsync(person, cancellationToken).ConfigureAwait(false);
        return found is { MayAct: true } ? null : Presence.ObjectionTo(found);
    }

    private static Group With(Group group, GroupDetails details) => group with
    {
        FullName = details.FullName,
        Description = details.Description,
        Location = details.Location,
        Homepage = details.Homepage,
        Aliases = [.. details.Aliases.Where(alias => alias != group.Nickname)],
    };

    private static Outcome<Group> Added(Group group, string? taken) =>
        taken is null ? Outcome<Group>.Done(group) : Outcome<Group>.Refused($"Another group is called {taken} already.");
}
