using System.Text;

namespace Microblog.Omb.Messages;

/// <summary>Shortens text on character boundaries.</summary>
internal static class Cut
{
    /// <summary>The longest beginning of the text within both limits: code points, and bytes of UTF-8.</summary>
    public static string To(string text, int characters, int bytes)
    {
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            characters--;
            bytes -= rune.Utf8SequenceLength;
            if (characters < 0 || bytes < 0)
                return text[..end];
            end += rune.Utf16SequenceLength;
        }

        return text;
    }
}
