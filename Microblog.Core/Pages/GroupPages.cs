using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>A list of groups: the node's, or the viewer's own.</summary>
public sealed record GroupsPage : Page
{
    /// <inheritdoc/>
    public override string Title => IsOwn ? "Your groups" : "Groups";

    /// <summary>The groups.</summary>
    public required IReadOnlyList<Group> Groups { get; init; }

    /// <summary>Whether they are those that the viewer is in.</summary>
    public bool IsOwn { get; init; }

    /// <summary>In which order the node's are.</summary>
    public GroupOrder Order { get; init; }

    /// <summary>The address of the next page, below the node's base; <see langword="null"/> at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>A group and the notices that went to it.</summary>
public sealed record GroupPage : Page
{
    /// <inheritdoc/>
    public override string Title => Group.FullName.Length > 0 ? Group.FullName : "!" + Group.Nickname;

    /// <summary>The group.</summary>
    public required Group Group { get; init; }

    /// <summary>The notices and the ways to older and newer ones.</summary>
    public required TimelineSlice Slice { get; init; }

    /// <summary>The path, below the node's base, of the stream that goes on where this page ends at the top; <see langword="null"/> where
    /// there is none.</summary>
    public string? Live { get; init; }

    /// <inheritdoc/>
    public override bool HasScript => Live is not null;

    /// <summary>How the viewer stands to it.</summary>
    public GroupStanding Standing { get; init; }

    /// <summary>The form for a new notice to the group; <see langword="null"/> for who is no member.</summary>
    public NoticeForm? Form { get; init; }
}

/// <summary>Who is in a group, and whom it keeps out.</summary>
public sealed record GroupMembersPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Members of !{Group.Nickname}";

    /// <summary>The group.</summary>
    public required Group Group { get; init; }

    /// <summary>Its members, admins first.</summary>
    public required IReadOnlyList<GroupMember> Members { get; init; }

    /// <summary>The first of those whom it keeps out; only for admins, on the first page.</summary>
    public IReadOnlyList<GroupMember> Blocked { get; init; } = [];

    /// <summary>How the viewer stands to it.</summary>
    public GroupStanding Standing { get; init; }

    /// <summary>The address of the next page, below the node's base; <see langword="null"/> at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>The form that creates a group, or changes one.</summary>
public sealed record GroupFormPage : Page
{
    /// <inheritdoc/>
    public override string Title => Group is null ? "New group" : $"Settings of !{Group.Nickname}";

    /// <summary>The group to change; <see langword="null"/> for a new one.</summary>
    public Group? Group { get; init; }

    /// <summary>The nickname typed for a new group.</summary>
    public string Nickname { get; init; } = "";

    /// <summary>What is said about it; after a refusal what was typed.</summary>
    public required GroupDetails Details { get; init; }

    /// <summary>Why it was not saved; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}
