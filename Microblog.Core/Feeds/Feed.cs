using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>One page of a list of notices, as a feed of any format says it. Newest first.</summary>
/// <param name="Title">What the list is.</param>
/// <param name="PageUrl">Where people read it.</param>
/// <param name="FeedUrl">Its address in this format, and its identity.</param>
/// <param name="Entries">The notices, as a visitor may see them.</param>
public sealed record Feed(string Title, string PageUrl, string FeedUrl, IReadOnlyList<TimelineEntry> Entries)
{
    /// <summary>The address of this page; <see cref="FeedUrl"/> of the newest one.</summary>
    public required string SelfUrl { get; init; }

    /// <summary>Where it goes on with older notices; <see langword="null"/> at the first one.</summary>
    public string? OlderUrl { get; init; }

    /// <summary>Whose or which picture stands beside it; empty for none.</summary>
    public string PictureUrl { get; init; } = "";

    /// <summary>Who sends it to those who want it sent; <see langword="null"/> for nobody.</summary>
    public string? HubUrl { get; init; }

    /// <summary>When something in it last changed; the beginning of 1970 when there is nothing in it.</summary>
    public DateTimeOffset UpdatedAt => Entries.Select(entry => entry.Notice.ChangedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max();
}
