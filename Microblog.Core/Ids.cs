using System.Globalization;

namespace Microblog;

/// <summary>The number of a profile in this node's store. The default value names nobody.</summary>
/// <remarks>At most 53 bits, so that JSON clients keep it; made by <see cref="Storage.IdSource"/>.</remarks>
public readonly record struct ProfileId(long Value)
{
    /// <summary>Whether this names nobody.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a notice in this node's store; its upper bits are the moment at which this node accepted it.</summary>
/// <remarks>At most 53 bits, so that JSON clients keep it; made by <see cref="Storage.IdSource"/>. The default names nothing.</remarks>
public readonly record struct NoticeId(long Value) : IComparable<NoticeId>
{
    /// <summary>Whether this names nothing.</summary>
    public bool IsNone => Value == 0;

    /// <summary>When this node accepted the notice, to the millisecond.</summary>
    public DateTimeOffset AcceptedAt => Storage.IdSource.TimeOf(Value);

    /// <inheritdoc/>
    public int CompareTo(NoticeId other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left one was drawn earlier.</summary>
    public static bool operator <(NoticeId left, NoticeId right) => left.Value < right.Value;

    /// <summary>Whether the left one was drawn later.</summary>
    public static bool operator >(NoticeId left, NoticeId right) => left.Value > right.Value;

    /// <summary>Whether the left one was not drawn later.</summary>
    public static bool operator <=(NoticeId left, NoticeId right) => left.Value <= right.Value;

    /// <summary>Whether the left one was not drawn earlier.</summary>
    public static bool operator >=(NoticeId left, NoticeId right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a group in this node's store. The default value names none.</summary>
/// <remarks>At most 53 bits, so that JSON clients keep it; made by <see cref="Storage.IdSource"/>.</remarks>
public readonly record struct GroupId(long Value)
{
    /// <summary>Whether this names no group.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a subscription in this node's store. The default value is none: for remote data it means “proven”.</summary>
public readonly record struct SubscriptionId(long Value)
{
    /// <summary>Whether this is no subscription.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of an attachment in this node's store; its upper bits are the moment of the upload. The default value is none.</summary>
public readonly record struct AttachmentId(long Value)
{
    /// <summary>Whether this is no attachment.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
