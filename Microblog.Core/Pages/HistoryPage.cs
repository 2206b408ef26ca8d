using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>What a notice said before it was changed.</summary>
public sealed record HistoryPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Earlier versions of a notice by {Entry.Author.Address}";

    /// <summary>The notice as it is.</summary>
    public required TimelineEntry Entry { get; init; }

    /// <summary>What the viewer did to it.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>What it said, the oldest first.</summary>
    public required IReadOnlyList<NoticeRevision> Revisions { get; init; }
}
