using System.Runtime.InteropServices;

namespace Microblog.Storage;

/// <summary>Reads groups and who is in them.</summary>
public interface IGroupReader
{
    /// <summary>The group with this number, or <see langword="null"/>.</summary>
    ValueTask<Group?> FindAsync(GroupId id, CancellationToken cancellationToken);

    /// <summary>The group with this nickname or alias, or <see langword="null"/>.</summary>
    /// <param name="name">Folded, without the sign.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<Group?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The groups of this node.</summary>
    /// <param name="order">Which come first.</param>
    /// <param name="after">The last group of the page before, as it stood there; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Group>> ListAsync(GroupOrder order, GroupPlace? after, int count, CancellationToken cancellationToken);

    /// <summary>The groups that a person is a member of, the newest group first.</summary>
    /// <param name="person">A local person.</param>
    /// <param name="before">Only groups with a lower number; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Membership>> ListOfAsync(ProfileId person, GroupId? before, int count, CancellationToken cancellationToken);

    /// <summary>The groups with these nicknames and aliases that a person is a member of, in the order of the names.</summary>
    /// <param name="person">A local person.</param>
    /// <param name="names">Folded, each once, at most <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Each with the name that was asked for; one group may come by several names.</returns>
    ValueTask<IReadOnlyList<NamedGroup>> ListNamedAsync(ProfileId person, IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>How a person stands to a group.</summary>
    ValueTask<GroupStanding> FindStandingAsync(GroupId group, ProfileId person, CancellationToken cancellationToken);

    /// <summary>Who is in a group: admins first, and those first who came first. Or whom it keeps out.</summary>
    /// <param name="group">Which group.</param>
    /// <param name="blocked">Whether those are wanted whom it keeps out.</param>
    /// <param name="after">Where the last one of the page before stood; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>Also those whom the reader blocks: an admin sees whom they answer for.</remarks>
    ValueTask<IReadOnlyList<GroupMember>> ListMembersAsync(GroupId group, bool blocked, MemberPlace? after, int count, CancellationToken cancellationToken);
}

/// <summary>Writes groups and who is in them.</summary>
public interface IGroupStore : IGroupReader
{
    /// <summary>Adds a group. Its creator is its first member and an admin.</summary>
    /// <returns>Which of its names a group has or had as nickname, or has as alias: nothing changed then. <see langword="null"/> when it is added.</returns>
    ValueTask<string?> AddAsync(Group group, CancellationToken cancellationToken);

    /// <summary>Replaces aliases, full name, description, location and homepage. An alias that it loses is free for others.</summary>
    /// <returns>Which of its aliases another group has, as in <see cref="AddAsync"/>; nothing changed then, nor when there is no such group.</returns>
    ValueTask<string?> UpdateAsync(Group group, CancellationToken cancellationToken);

    /// <summary>Has a person stand to a group so, and counts members. Whether that may be is the caller's question: find the group first, in the
    /// same transaction, so that it stays as it was found.</summary>
    /// <param name="group">A group that there is.</param>
    /// <param name="person">A local person.</param>
    /// <param name="standing">From now on. What the group sent to the person's home stays there.</param>
    /// <param name="position">Drawn for this: since when a new member is one, or somebody blocked is. Who was a member keeps their place.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether the person stood otherwise before.</returns>
    ValueTask<bool> SetStandingAsync(GroupId group, ProfileId person, GroupStanding standing, TimelinePosition position, CancellationToken cancellationToken);

    /// <summary>Takes a person who leaves the node out of every group. Where they were the only admin, the member who came first becomes one.</summary>
    ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken);

    /// <summary>Takes a notice out of a group's timeline for good, and whom it has not reached yet it will not reach through the group.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> RemoveNoticeAsync(GroupId group, NoticeId notice, CancellationToken cancellationToken);
}

/// <summary>Which groups come first.</summary>
public enum GroupOrder
{
    /// <summary>Those created last.</summary>
    Newest,

    /// <summary>Those with most members; of equals those created last.</summary>
    Biggest,
}

/// <summary>Where a group stands among the others.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Members">How many members it had when it was listed; for <see cref="GroupOrder.Biggest"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GroupPlace(GroupId Id, int Members)
{
    /// <summary>The place of a group as it was listed.</summary>
    public static GroupPlace Of(Group group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new(group.Id, group.Counts.Members);
    }
}

/// <summary>A group in a person's list.</summary>
/// <param name="Group">The group.</param>
/// <param name="IsAdmin">Whether the person is an admin.</param>
/// <param name="Since">When they joined.</param>
public sealed record Membership(Group Group, bool IsAdmin, DateTimeOffset Since);

/// <summary>A person in a group's list.</summary>
/// <param name="Person">Who it is.</param>
/// <param name="Place">How and where they stand.</param>
public sealed record GroupMember(Profile Person, MemberPlace Place);

/// <summary>Where a person stands in a group's list.</summary>
/// <param name="Standing">Member, admin or blocked.</param>
/// <param name="Position">Since when; no two of a group share it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MemberPlace(GroupStanding Standing, TimelinePosition Position)
{
    /// <summary>Since when.</summary>
    public DateTimeOffset Since => IdSource.TimeOf(Position.Value);
}
