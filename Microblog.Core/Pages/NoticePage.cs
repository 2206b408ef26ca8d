using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>One notice.</summary>
public sealed record NoticePage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Notice by {Entry.Author.Address}";

    /// <summary>The notice and its author.</summary>
    public required TimelineEntry Entry { get; init; }

    /// <summary>What it answers, if the viewer may see that.</summary>
    public TimelineEntry? Answered { get; init; }

    /// <summary>What the viewer did to the notices shown.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>Some of those whose favourite it is, the last first.</summary>
    public IReadOnlyList<Profile> Favouriters { get; init; } = [];

    /// <summary>Some of those who passed it on, the last first.</summary>
    public IReadOnlyList<Profile> Repeaters { get; init; } = [];

    /// <summary>The form for a reply; <see langword="null"/> for visitors.</summary>
    public NoticeForm? Reply { get; init; }
}
