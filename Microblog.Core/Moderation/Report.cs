using System.Globalization;

namespace Microblog.Moderation;

/// <summary>That a person asks the operator to look at somebody, or at what they wrote.</summary>
public sealed record Report
{
    /// <summary>Longest text of the person, and longest note of the operator, in characters.</summary>
    public const int MaxLength = 1_000;

    /// <summary>Most notices that one report names.</summary>
    public const int MaxNotices = 20;

    /// <summary>How many open reports one person may have.</summary>
    public const int MaxOpen = 20;

    /// <summary>The number in this store; later reports have higher ones. Given by the store.</summary>
    public long Number { get; init; }

    /// <summary>Who reports: a person of this node.</summary>
    public required ProfileId Reporter { get; init; }

    /// <summary>About whom.</summary>
    public required ProfileUri About { get; init; }

    /// <summary>What they wrote; none when it is about the person.</summary>
    public IReadOnlyList<NoticeId> Notices { get; init; } = [];

    /// <summary>Why; may be empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When an operator was done with it; <see langword="null"/> while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What the operator noted about it.</summary>
    public string Note { get; init; } = "";

    /// <summary>Reads <see cref="WriteNotices"/>.</summary>
    public static IReadOnlyList<NoticeId> ReadNotices(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 ? [] : [.. text.Split(' ').Select(number => new NoticeId(long.Parse(number, CultureInfo.InvariantCulture)))];
    }

    /// <summary>The notices as one text, as stores keep them.</summary>
    public string WriteNotices() => string.Join(' ', Notices);
}
