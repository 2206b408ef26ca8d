using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>A text that is a letter: <c>d nick text</c> (§9).</summary>
/// <param name="To">To whom.</param>
/// <param name="Text">What; may be empty, and is no notice even so.</param>
internal sealed record MessageCommand(string To, string Text)
{
    /// <summary>Reads a text that begins like a letter, also where something that does not show, such as a byte order mark, stands before or within it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MessageCommand? command)
    {
        var (word, rest) = Cut(text);
        var (to, content) = Cut(rest);
        command = to.Length > 0 && IsWord(word) ? new MessageCommand(to, content.Trim()) : null;
        return command is not null;
    }

    // Wide letters are typed where such a keyboard is switched on.
    private static bool IsWord(string word) =>
        string.Concat(word.Select(c => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c)).ToLowerInvariant() is "d" or "dm";

    private static (string Word, string Behind) Cut(string text)
    {
        var start = Skip(text, 0, areBlank: true);
        var end = Skip(text, start, areBlank: false);
        return (text[start..end], text[end..]);
    }

    private static int Skip(string text, int at, bool areBlank)
    {
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var units);
            if (IsBlank(rune) != areBlank)
                break;
            at += units;
        }

        return at;
    }

    // White, or nothing at all; also the few marks and letters that Unicode says are not shown.
    private static bool IsBlank(Rune rune) =>
        Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0
            or (>= 0xE0000 and <= 0xE0FFF);
}
