using System.Globalization;
using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>A part of a timeline, newest first, with the ways onward.</summary>
/// <param name="Entries">The notices.</param>
/// <param name="Path">The list's path below the node's base.</param>
/// <param name="Older">Follow with <c>?before=</c> this; <see langword="null"/> at the end.</param>
/// <param name="Newer">Follow with <c>?after=</c> this; <see langword="null"/> on the newest page.</param>
public sealed record TimelineSlice(IReadOnlyList<TimelineEntry> Entries, string Path, TimelinePosition? Older, TimelinePosition? Newer)
{
    private const int Count = 20;

    // One more than is shown says whether there is more.
    internal static PageRequest Request(NodeForm query) =>
        Position(query["before"]) is { } before ? PageRequest.OlderThan(before, Count + 1)
        : Position(query["after"]) is { } after ? PageRequest.NewerThan(after, Count + 1)
        : PageRequest.Newest(Count + 1);

    internal static TimelineSlice Cut(EntryPage entries, PageRequest request, string path)
    {
        var hasMore = entries.Count > Count;
        List<TimelineEntry> shown = [.. hasMore && request.After is not null ? entries.Skip(entries.Count - Count) : entries.Take(Count)];
        if (shown.Count == 0)
            return new(shown, path, null, null);
        var older = request.After is not null || hasMore ? shown[^1].Position : (TimelinePosition?)null;
        var newer = request.Before is not null ? entries.Next
            : request.After is not null && hasMore ? shown[0].Position
            : (TimelinePosition?)null;
        return new(shown, path, older, newer);
    }

    private static TimelinePosition? Position(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? new TimelinePosition(value) : null;
}
