using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>What somebody looks for, among notices or people, and what was found.</summary>
public sealed record SearchResultPage : Page
{
    /// <inheritdoc/>
    public override string Title => Query.Length > 0 ? $"Search: {Query}" : "Search";

    /// <summary>What was typed.</summary>
    public required string Query { get; init; }

    /// <summary>Whether people are looked for, and not notices.</summary>
    public bool IsForPeople { get; init; }

    /// <summary>Why it cannot be looked for; empty when it can, or when nothing was typed.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The notices found, newest first; <see langword="null"/> when nothing was looked for.</summary>
    public IReadOnlyList<TimelineEntry>? Notices { get; init; }

    /// <summary>What the viewer did to the notices found; none for visitors.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>The path and query of this page, to come back to.</summary>
    public string Here { get; init; } = "";

    /// <summary>The people found, the best first; <see langword="null"/> when nothing was looked for.</summary>
    public IReadOnlyList<Profile>? People { get; init; }

    /// <summary>Follow with <c>&amp;before=</c> this; <see langword="null"/> at the end.</summary>
    /// <remarks>There may be more although the page holds few, or none: the effort of a page is bounded.</remarks>
    public TimelinePosition? Older { get; init; }
}
