using System.Runtime.InteropServices;

namespace Microblog;

/// <summary>People of this node who share a subject: whoever of them writes <c>!name</c> writes to all of them.</summary>
/// <remarks>OpenMicroBlogging knows no groups; to other services <c>!name</c> is text.</remarks>
public sealed record Group
{
    /// <summary>The number in this store.</summary>
    public required GroupId Id { get; init; }

    /// <summary>The name by which its page is found, <c>[a-z0-9]{1,64}</c> with a letter. It never changes and is never given again. People's nicknames are names apart.</summary>
    public required string Nickname { get; init; }

    /// <summary>Other names after <c>!</c>, of any script, folded (<see cref="Text.GroupName"/>).</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Display name; empty when not given.</summary>
    public string FullName { get; init; } = "";

    /// <summary>What it is about; empty when not given.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where its people are; empty when not given.</summary>
    public string Location { get; init; } = "";

    /// <summary>An http(s) address; empty when not given.</summary>
    public string Homepage { get; init; } = "";

    /// <summary>Who created it.</summary>
    public required ProfileId Creator { get; init; }

    /// <summary>How many members and notices it has. Kept by the store; what is given when a group is stored is not looked at.</summary>
    public GroupCounts Counts { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => Storage.IdSource.TimeOf(Id.Value);
}

/// <summary>What is counted of a group.</summary>
/// <param name="Members">Its members, admins among them.</param>
/// <param name="Notices">The notices in its timeline.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GroupCounts(int Members, int Notices);

/// <summary>How a person stands to a group. The order is that of what they may do.</summary>
public enum GroupStanding
{
    /// <summary>Not at all; the person may join.</summary>
    Stranger,

    /// <summary>An admin keeps the person out: they can neither join nor write to it.</summary>
    Blocked,

    /// <summary>Hears the group and writes to it.</summary>
    Member,

    /// <summary>A member who changes the group, makes others admins, takes notices out and blocks people.</summary>
    Admin,
}

/// <summary>A group to which a notice went.</summary>
/// <param name="Id">The group.</param>
/// <param name="Name">The name or alias by which the text called it then, folded, without the sign.</param>
public sealed record NamedGroup(GroupId Id, string Name);
