namespace Microblog.Storage;

/// <summary>Which part of a list is wanted. Lists are newest first, whichever way they are paged.</summary>
public sealed record PageRequest
{
    /// <summary>Most entries that one page may hold.</summary>
    public const int MaxCount = 200;

    private PageRequest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        Count = count;
    }

    /// <summary>At most so many entries.</summary>
    public int Count { get; }

    /// <summary>Only older ones than this.</summary>
    public TimelinePosition? Before { get; private init; }

    /// <summary>The ones that come next after this: the oldest of all that are newer.</summary>
    /// <remarks>Such a page ends below <see cref="IdSource.Horizon"/>, because a number that is still open may yet be filled.
    /// To miss nothing, go on from <see cref="EntryPage.Next"/> of the page before, also where that was the newest one.</remarks>
    public TimelinePosition? After { get; private init; }

    /// <summary>The newest page, also of what stands above <see cref="IdSource.Horizon"/>: its reader sees at once what they wrote.</summary>
    public static PageRequest Newest(int count) => new(count);

    /// <summary>The page that follows on the way back.</summary>
    /// <param name="position">Of the oldest entry there was: <see cref="TimelineEntry.Position"/>, not the notice's number.</param>
    /// <param name="count">At most so many.</param>
    public static PageRequest OlderThan(TimelinePosition position, int count) => new(count) { Before = position };

    /// <summary>The page that follows on the way forward.</summary>
    /// <param name="position"><see cref="EntryPage.Next"/> of the page before.</param>
    /// <param name="count">At most so many.</param>
    public static PageRequest NewerThan(TimelinePosition position, int count) => new(count) { After = position };
}
