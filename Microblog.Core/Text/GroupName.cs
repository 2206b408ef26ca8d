using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Microblog.Text;

/// <summary>The rules for what stands after <c>!</c>: a group's nickname, which is one as people have, or an alias of any script.</summary>
public static class GroupName
{
    /// <summary>Longest name, in code points.</summary>
    public const int MaxLength = 64;

    /// <summary>Folds and checks an alias that somebody typed, with or without the sign.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="alias">The alias to store.</param>
    /// <param name="problem">What is wrong, for the person who typed it.</param>
    /// <param name="reserved">Names that the host keeps for itself.</param>
    public static bool TryParseAlias(
        string text, [NotNullWhen(true)] out string? alias, [NotNullWhen(false)] out string? problem, ISet<string>? reserved = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        alias = null;
        var trimmed = text.Trim();
        var folded = NoticeText.FoldTag(trimmed.StartsWith('!') ? trimmed[1..] : trimmed);
        problem = folded switch
        {
            "" => "An alias is empty.",
            { Length: > 2 * MaxLength } => TooLong,
            _ when ReadFrom(folded, 0) != folded.Length => Problem(folded),
            _ when folded.EnumerateRunes().Any(IsInvisible) => "An alias contains a character that does not show.",
            _ when Nickname.IsReserved(folded, reserved) => $"The name {folded} is reserved.",
            _ => null,
        };
        if (problem is not null)
            return false;
        alias = folded;
        return true;
    }

    /// <summary>Where a name ends that begins here; where it begins, when there is none.</summary>
    internal static int ReadFrom(string text, int start)
    {
        var (end, count, hasLetter) = (start, 0, false);
        while (end < text.Length && Rune.TryGetRuneAt(text, end, out var rune) && NoticeText.IsTagRune(rune))
        {
            hasLetter |= Rune.IsLetter(rune);
            count++;
            end += rune.Utf16SequenceLength;
        }

        return hasLetter && count <= MaxLength ? end : start;
    }

    private static string TooLong => $"An alias has at most {MaxLength} characters.";

    private static string Problem(string folded) =>
        !NoticeText.IsWellFormed(folded) || !folded.EnumerateRunes().All(NoticeText.IsTagRune) ? "An alias consists of letters, digits and underscores."
        : folded.EnumerateRunes().Count() > MaxLength ? TooLong
        : "An alias needs at least one letter.";

    // Letters and marks that are drawn as nothing: two names that look alike would be two groups.
    private static bool IsInvisible(Rune rune) => rune.Value
        is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0
            or (>= 0xE0100 and <= 0xE01EF)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control;
}
