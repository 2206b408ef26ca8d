using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microblog.Text;

/// <summary>Finds what a notice's plain text refers to: links, mentions, hash tags and groups. The one parser for all of it.</summary>
/// <remarks>The text itself is never changed (OMB-63). Pages show the parts as <see cref="Split"/> cuts them.</remarks>
public static class NoticeText
{
    private static readonly SearchValues<char> LinkEnds = SearchValues.Create(" \t\r\n<>\"“”«»");

    /// <summary>Cuts text into parts which, put together, are the text again.</summary>
    public static IReadOnlyList<TextPart> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = new List<TextPart>();
        var plainFrom = 0;
        for (var at = 0; at < text.Length;)
        {
            if (!StartsWord(text, at) || Read(text, at) is not { } part)
            {
                at++;
                continue;
            }

            if (at > plainFrom)
                parts.Add(new TextPart(TextPartKind.Plain, text[plainFrom..at], ""));
            parts.Add(part);
            at += part.Text.Length;
            plainFrom = at;
        }

        if (plainFrom < text.Length)
            parts.Add(new TextPart(TextPartKind.Plain, text[plainFrom..], ""));
        return parts;
    }

    /// <summary>Whether text can be written as UTF-8 and read back the same: no half of a surrogate pair stands alone.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    /// <summary>Whether every store can keep the text: it is well-formed and without NUL, which PostgreSQL has no place for.</summary>
    internal static bool IsStorable(string text) => !text.Contains('\0', StringComparison.Ordinal) && IsWellFormed(text);

    /// <summary>How long people see the text: in grapheme clusters, such as a letter with its accents, or a flag.</summary>
    /// <remarks>A cluster may be put together from any number of code points; beyond eight on average, every eight count as one.</remarks>
    public static int Length(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var clusters = 0;
        for (var rest = text.AsSpan(); !rest.IsEmpty; rest = rest[StringInfo.GetNextTextElementLength(rest)..])
            clusters++;
        return Math.Max(clusters, text.EnumerateRunes().Count() / 8);
    }

    /// <summary>A hash tag as it is stored and compared: case folded, alike on every host whatever it knows of Unicode.</summary>
    public static string FoldTag(string tag) => tag.ToLowerInvariant();

    private static bool StartsWord(string text, int at) => at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '@' or '#' or '/' or '&');

    private static TextPart? Read(string text, int at) => text[at] switch
    {
        '@' => ReadMention(text, at),
        '#' => ReadTag(text, at),
        '!' => ReadGroup(text, at),
        'h' or 'H' => ReadLink(text, at),
        _ => null,
    };

    private static TextPart? ReadMention(string text, int at)
    {
        var end = at + 1;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        if (end == at + 1 || end - at - 1 > Nickname.MaxLength)
            return null;
        if (end < text.Length && text[end] == '@' && ReadHost(text, end + 1) is var hostEnd && hostEnd > end + 1)
            end = hostEnd;
        return new TextPart(TextPartKind.Mention, text[at..end], text[(at + 1)..end].ToLowerInvariant());
    }

    private static int ReadHost(string text, int at)
    {
        var end = at;
        while (end < text.Length && end - at < 255 && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-' or ':'))
            end++;
        while (end > at && text[end - 1] is '.' or '-' or ':')
            end--;
        return end;
    }

    private static TextPart? ReadTag(string text, int at)
    {
        var end = at + 1;
        var hasLetter = false;
        while (end < text.Length && Rune.TryGetRuneAt(text, end, out var rune) && IsTagRune(rune))
        {
            hasLetter |= Rune.IsLetter(rune);
            end += rune.Utf16SequenceLength;
        }

        return hasLetter && end - at - 1 <= 100 ? new TextPart(TextPartKind.Tag, text[at..end], FoldTag(text[(at + 1)..end])) : null;
    }

    // Several of them are only loud.
    private static TextPart? ReadGroup(string text, int at)
    {
        if (at > 0 && text[at - 1] == '!')
            return null;
        var end = GroupName.ReadFrom(text, at + 1);
        return end > at + 1 ? new TextPart(TextPartKind.Group, text[at..end], FoldTag(text[(at + 1)..end])) : null;
    }

    internal static bool IsTagRune(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static TextPart? ReadLink(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (!rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return null;
        var length = rest.IndexOfAny(LinkEnds);
        var run = length < 0 ? rest : rest[..length];
        var link = run.Length > 2 * WebAddress.MaxLength ? "" : run[..TrimmedLength(run)].ToString();
        // What looked like an address and is none is passed as a whole, or somebody could have us look at it again and again.
        return WebAddress.IsValid(link)
            ? new TextPart(TextPartKind.Link, link, link)
            : new TextPart(TextPartKind.Plain, run.ToString(), "");
    }

    // A sentence around an address does not belong to it; a closing bracket does if it was opened inside.
    private static int TrimmedLength(ReadOnlySpan<char> link)
    {
        var (round, square) = (link.Count(')') - link.Count('('), link.Count(']') - link.Count('['));
        for (var end = link.Length; ; end--)
        {
            switch (end > 0 ? link[end - 1] : '\0')
            {
                case '.' or ',' or ';' or ':' or '!' or '?' or '\'' or '…':
                    break;
                case ')' when round-- > 0:
                    break;
                case ']' when square-- > 0:
                    break;
                default:
                    return end;
            }
        }
    }
}

/// <summary>A part of a notice's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text as it was written, sign included.</param>
/// <param name="Value">Mention: <c>nick</c> or <c>nick@host</c>, folded. Tag, group: folded, without the sign. Link: the address.</param>
public sealed record TextPart(TextPartKind Kind, string Text, string Value);

/// <summary>What a part of a notice's text is.</summary>
public enum TextPartKind
{
    /// <summary>Just text.</summary>
    Plain,

    /// <summary>An http(s) address.</summary>
    Link,

    /// <summary>Somebody's name after <c>@</c>.</summary>
    Mention,

    /// <summary>A word after <c>#</c>.</summary>
    Tag,

    /// <summary>A word after <c>!</c>, which is just text unless <see cref="Notice.Groups"/> has a group of this name.</summary>
    Group,
}
