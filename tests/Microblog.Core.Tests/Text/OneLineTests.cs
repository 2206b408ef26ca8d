using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Text;

namespace Microblog.Tests.Text;

public sealed class OneLineTests
{
    // What the rules are about, so that chance meets the corners.
    private static readonly string[] Pieces =
    [
        "a", "é", "e\u0301", "字", " ", "\0", "\t", "\r\n", "\u001B[31m", "\u007F", "\u0085", "\u00A0", "\u00AD", "\u061C", "\u200B", "\u200D", "\u200E", "\u2028", "\u2029",
        "\u202E", "\u2066", "\u2069", "\uFEFF", "\uFFF9", "\uFFFD", "🙂", "\uD83D", "\uDE42", "\U000E0041", "\U0001D173", "…",
    ];

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("", "")]
    [InlineData("two\r\nlines\u2028three\u2029four", "two  lines three four")]
    [InlineData("turned \u202Eright\u202C and \u2066isolated\u2069", "turned  right  and  isolated")]
    [InlineData("\u001B[31mred\0", "[31mred")]
    [InlineData(" \t blank ends \r\n\0", "blank ends")]
    [InlineData("a picture 🙂 stays whole", "a picture 🙂 stays whole")]
    [InlineData("a tag \U000E0041 beyond 16 bits", "a tag    beyond 16 bits")]
    public void What_breaks_turns_or_hides_becomes_a_blank(string text, string line) => Assert.Equal(line, OneLine.Of(text));

    [Fact] // The compiler would not keep them in an attribute.
    public void Half_a_surrogate_pair_becomes_a_blank() => Assert.Equal("a   b   c", OneLine.Of("a \uD83D b \uDE42 c"));

    [Theory]
    [InlineData("12345", 5, "12345")]
    [InlineData("123456", 5, "12345…")]
    [InlineData("12345\n\n", 5, "12345")]
    [InlineData("\n\n12345", 5, "12345")]
    [InlineData("1234🙂", 5, "1234…")]
    [InlineData("123🙂", 5, "123🙂")]
    [InlineData("🙂", 1, "…")]
    public void A_long_text_ends_at_the_bound_and_says_so(string text, int length, string line) => Assert.Equal(line, OneLine.Of(text, length));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_bound_has_to_leave_room(int length) => Assert.Throws<ArgumentOutOfRangeException>(() => OneLine.Of("a", length));

    [Fact]
    public void Whatever_comes_is_one_well_formed_line_within_the_bound()
    {
        var text = Gen.Frequency(
            (2, ArbMap.Default.GeneratorFor<string>().Select(s => s ?? "")),
            (8, Gen.Elements(Pieces).ListOf().Select(string.Concat)));
        Prop.ForAll(Arb.From(text), Arb.From(Gen.Choose(1, 40)), (written, length) =>
        {
            var line = OneLine.Of(written, length);
            var whole = OneLine.Of(written);
            var kept = whole.Length <= length ? whole : line[..^1];
            return NoticeText.IsWellFormed(line) && !line.EnumerateRunes().Any(IsForbidden) && whole == OneLine.Of(whole)
                && line == (kept == whole ? whole : kept + "…")
                && kept.Length <= length && (kept == whole || kept.Length >= length - 1) && whole.StartsWith(kept, StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

        static bool IsForbidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
    }
}
