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
    /// <remarks>Such a page ends below <see cref="IdSource.Horizon"/>, so that whoever goes on from its newest entry misses nothing.</remarks>
    public TimelinePosition? After { get; private init; }

    /// <summary>The newest page.</summary>
    public static PageRequest Newest(int count) => new(count);

    /// <summary>The page that follows on the way back.</summary>
    public static PageRequest OlderThan(TimelinePosition position, int count) => new(count) { Before = position };

    /// <summary>The page that follows on the way forward.</summary>
    public static PageRequest NewerThan(TimelinePosition position, int count) => new(count) { After = position };
}
