using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>A list of notices: the public timeline, somebody's home, mentions, a tag, a conversation.</summary>
public sealed record TimelinePage : Page
{
    /// <inheritdoc/>
    public override string Title => Heading;

    /// <summary>What the list is.</summary>
    public required string Heading { get; init; }

    /// <summary>What it says when there is nothing in it.</summary>
    public required string EmptyText { get; init; }

    /// <summary>The notices and the ways to older and newer ones.</summary>
    public required TimelineSlice Slice { get; init; }

    /// <summary>The path, below the node's base, of the stream that goes on where this page ends at the top; <see langword="null"/> where
    /// there is none.</summary>
    public string? Live { get; init; }

    /// <inheritdoc/>
    public override bool HasScript => Live is not null;

    /// <summary>The form for a new notice; <see langword="null"/> where none belongs.</summary>
    public NoticeForm? Form { get; init; }
}
