using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microblog.Text;

/// <summary>A stranger's text as one line for a log, an operator's page or a terminal.</summary>
public static class OneLine
{
    /// <summary>The text without its blank ends and with a blank for whatever breaks a line, turns its direction or does not show: control and
    /// format characters, line and paragraph separators, halves of surrogate pairs.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="length">Most UTF-16 code units of the line, above zero; a longer one ends there, before a character that does not fit
    /// whole, and an ellipsis follows.</param>
    /// <remarks>It may still hold markup: escape it where it is shown.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not above zero.</exception>
    public static string Of(string text, int length = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var line = string.Create(text.Length, text, Blank).Trim();
        if (line.Length <= length)
            return line;
        return string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[length - 1]) ? length - 1 : length), "…");
    }

    private static void Blank(Span<char> line, string text)
    {
        text.CopyTo(line);
        while (!line.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(line, out var rune, out var units) != OperationStatus.Done || IsMisleading(rune))
                line[..units].Fill(' ');
            line = line[units..];
        }
    }

    // It would show the reader something else than what stands there.
    private static bool IsMisleading(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
