using System.Globalization;

namespace Microblog.Storage;

/// <summary>Where an entry stands in a list: lists are ordered and paged by it.</summary>
/// <remarks>
/// <para>In most lists it is the notice's number. An entry of a home timeline, or of somebody's mentions, has a number of its own, drawn
/// from the same <see cref="IdSource"/> when the entry was made, because it may come later than newer notices. It is never below the
/// notice's number, and no two entries of one list share it.</para>
/// <para>So whoever reads forward from the highest notice number they have seen misses nothing either, but may be shown an entry again.</para>
/// </remarks>
public readonly record struct TimelinePosition(long Value) : IComparable<TimelinePosition>
{
    /// <summary>The place of a notice that stands under its own number.</summary>
    public static implicit operator TimelinePosition(NoticeId notice) => FromNoticeId(notice);

    /// <summary>The place of a notice that stands under its own number.</summary>
    public static TimelinePosition FromNoticeId(NoticeId notice) => new(notice.Value);

    /// <inheritdoc/>
    public int CompareTo(TimelinePosition other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left one is the older.</summary>
    public static bool operator <(TimelinePosition left, TimelinePosition right) => left.Value < right.Value;

    /// <summary>Whether the left one is the newer.</summary>
    public static bool operator >(TimelinePosition left, TimelinePosition right) => left.Value > right.Value;

    /// <summary>Whether the left one is not the newer.</summary>
    public static bool operator <=(TimelinePosition left, TimelinePosition right) => left.Value <= right.Value;

    /// <summary>Whether the left one is not the older.</summary>
    public static bool operator >=(TimelinePosition left, TimelinePosition right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
