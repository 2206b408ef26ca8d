using System.Globalization;
using System.Text;

namespace Microblog.Testing.Conformance.Output;

/// <summary>Text that may quote a peer, made fit for a terminal and for XML.</summary>
public static class Shown
{
    /// <summary>One line: whatever controls a terminal, turns its direction or cannot stand in XML becomes <c>\u{…}</c>.</summary>
    public static string Line(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is 0xFFFE or 0xFFFF || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            else
                shown.Append(rune.ToString());
        }

        return shown.ToString();
    }
}
