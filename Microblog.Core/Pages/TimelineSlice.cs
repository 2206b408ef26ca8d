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

    /// <summary>Where a live stream goes on (<see cref="EntryPage.Next"/>); <see langword="null"/> on any but the newest page.</summary>
    public TimelinePosition? Next { get; init; }

    /// <summary>The address of the stream that goes on where this page ends at the top, below the node's base; <see langword="null"/> on any but the newest page.</summary>
    /// <param name="stream">The stream's path.</param>
    public string? LiveAt(string stream) => Next is { } next ? $"{stream}?after={next}" : null;

    /// <summary>What the viewer did to the notices shown; none for visitors.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>The path and query of this part, to come back to.</summary>
    public string Here { get; init; } = "";

    /// <summary>Reads a part of a list, and what the viewer did to the notices in it, on one snapshot.</summary>
    internal static async ValueTask<TimelineSlice> ReadAsync(
        Visit visit, IReadSession session, string path, Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> read, CancellationToken cancellationToken)
    {
        var request = Request(visit.Query);
        var entries = await read(session.Timelines, request).ConfigureAwait(false);
        return Cut(entries, request, path) with { Reactions = await ReactionsAsync(session, visit.Viewer, entries, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>What a person did to some notices and to what these repeat; for everything that shows notices, on the snapshot that they are from.</summary>
    internal static async ValueTask<IReadOnlyList<Reaction>> ReactionsAsync(
        IReadSession session, ProfileId viewer, IReadOnlyCollection<TimelineEntry> entries, CancellationToken cancellationToken) =>
        // What nobody did anything to, as whatever is new, is not asked for.
        !viewer.IsNone && entries.Select(entry => (entry.Repeated ?? entry).Notice)
            .Where(notice => notice.Counts is { Favourites: > 0 } or { Repeats: > 0 }).Select(notice => notice.Id).Distinct().ToList() is { Count: > 0 } notices
            ? await session.Reactions.ListAsync(viewer, notices, cancellationToken).ConfigureAwait(false)
            : [];

    // One more than is shown says whether there is more.
    internal static PageRequest Request(NodeForm query) =>
        Position(query["before"]) is { } before ? PageRequest.OlderThan(before, Count + 1)
        : Position(query["after"]) is { } after ? PageRequest.NewerThan(after, Count + 1)
        : PageRequest.Newest(Count + 1);

    internal static TimelineSlice Cut(EntryPage entries, PageRequest request, string path)
    {
        var hasMore = entries.Count > Count;
        List<TimelineEntry> shown = [.. hasMore && request.After is not null ? entries.Skip(entries.Count - Count) : entries.Take(Count)];
        var next = request.Before is null && request.After is null ? entries.Next : (TimelinePosition?)null;
        var here = request.Before is { } before ? $"{path}?before={before}" : request.After is { } after ? $"{path}?after={after}" : path;
        if (shown.Count == 0)
            return new(shown, path, null, null) { Here = here, Next = next };
        var older = request.After is not null || hasMore ? shown[^1].Position : (TimelinePosition?)null;
        var newer = request.Before is not null ? entries.Next
            : request.After is not null && hasMore ? shown[0].Position
            : (TimelinePosition?)null;
        return new(shown, path, older, newer) { Here = here, Next = next };
    }

    private static TimelinePosition? Position(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? new TimelinePosition(value) : null;
}
