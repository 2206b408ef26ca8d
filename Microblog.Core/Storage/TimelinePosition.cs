using System.Globalization;

namespace Microblog.Storage;

/// <summary>Where an entry stands in a list: lists are ordered and paged by it.</summary>
/// <remarks>
/// <para>In most lists it is the notice's number. An entry of a home timeline, or of somebody's mentions, has a number of its own, drawn
/// from the same <see cref="IdSource"/> when the entry was made, because it may come later than newer notices. It is never below the
/// notice's number, and no two entries of one list share it.</para>
/// <para>Clients are given positions to go on from, not the notices' numbers: those miss nothing on the way forward, but may lead nowhere,
/// and on the way back they skip.</para>
/// </remarks>
public readonly record struct TimelinePosition(long Value) : IComparable<TimelinePosition>
{
    /// <summary>The place of a notice that stands under its own number.</summary>
    /// <remarks>By name, because an entry that came late stands elsewhere: whoever pages back from its number skips all that lies between.</remarks>
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
