using FsCheck;
using FsCheck.Fluent;
using Microblog.Text;

namespace Microblog.Tests.Text;

public sealed class NoticeTextTests
{
    [Fact]
    public void What_looks_like_a_thousand_addresses_and_is_none_is_passed_in_one_step()
    {
        var run = string.Concat(Enumerable.Repeat("http://)", 290)) + new string(')', 1770);
        var text = string.Join(' ', Enumerable.Repeat(run, 16));
        var parts = NoticeText.Split(text);
        Assert.Equal(text, string.Concat(parts.Select(part => part.Text)));
        Assert.All(parts, part => Assert.Equal(TextPartKind.Plain, part.Kind));
        // One for each run and each space between: nothing inside a run was looked at again.
        Assert.Equal(31, parts.Count);
    }

    // Pieces that the parser has rules for, so that chance meets its corners.
    private static readonly string[] Pieces =
    [
        "@", "#", "!", "http://", "HTTPS://", "a.example", "alice", "@alice@b.example", "#täg", "(", ")", "[", "]", ".", ",", "…", "'", "\"", "“", "<", ">",
        "/", "&", "_", ":", "-", " ", "\t", "\r\n", "🙂", "\uD83D", "\uDE42", "\u0301", "\uFEFF", "\u202E", "٣", "字", "%", "?", "123", "\0", "h", "ﬁ",
    ];

    [Fact]
    public void Whatever_is_cut_gives_the_text_again()
    {
        var text = Gen.Frequency(
            (2, ArbMap.Default.GeneratorFor<string>().Select(s => s ?? "")),
            (8, Gen.Elements(Pieces).ListOf().Select(string.Concat)));
        Prop.ForAll(Arb.From(text), written =>
        {
            var parts = NoticeText.Split(written);
            return string.Concat(parts.Select(p => p.Text)) == written && parts.All(p => p.Text.Length > 0)
                && parts.Where(p => p.Kind == TextPartKind.Link).All(p => WebAddress.IsValid(p.Value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }

    [Theory]
    [InlineData("see http://a.example/x.", "http://a.example/x")]
    [InlineData("(http://a.example/x)", "http://a.example/x")]
    [InlineData("http://a.example/x_(y)", "http://a.example/x_(y)")]
    [InlineData("“https://a.example/?q=1&r=2”, he said", "https://a.example/?q=1&r=2")]
    [InlineData("HTTP://A.example!", "HTTP://A.example")]
    [InlineData("<http://a.example/>", "http://a.example/")]
    public void A_link_ends_where_the_sentence_goes_on(string text, string link) =>
        Assert.Equal([link], NoticeText.Split(text).Where(p => p.Kind == TextPartKind.Link).Select(p => p.Value));

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://")]
    [InlineData("xhttp://a.example/")]
    [InlineData("http://user:secret@a.example/")]
    [InlineData("ftp://a.example/")]
    public void What_is_no_web_address_is_no_link(string text) =>
        Assert.DoesNotContain(NoticeText.Split(text), p => p.Kind == TextPartKind.Link);

    [Theory]
    [InlineData("@alice hello", "alice")]
    [InlineData("hi @Alice, you", "alice")]
    [InlineData("(@alice)", "alice")]
    [InlineData("@alice@b.example.", "alice@b.example")]
    [InlineData("@alice@b.example:8080 x", "alice@b.example:8080")]
    public void A_mention_is_found_and_folded(string text, string name) =>
        Assert.Equal([name], NoticeText.Split(text).Where(p => p.Kind == TextPartKind.Mention).Select(p => p.Value));

    [Theory]
    [InlineData("alice@b.example")]
    [InlineData("@")]
    [InlineData("@@alice")]
    [InlineData("@élan")]
    public void An_address_of_mail_is_no_mention(string text) =>
        Assert.DoesNotContain(NoticeText.Split(text), p => p.Kind == TextPartKind.Mention);

    [Theory]
    [InlineData("#Grüße!", "grüße")]
    [InlineData("#ABC", "abc")]
    [InlineData("a #x_1 b", "x_1")]
    public void A_tag_is_found_and_folded(string text, string tag) =>
        Assert.Equal([tag], NoticeText.Split(text).Where(p => p.Kind == TextPartKind.Tag).Select(p => p.Value));

    [Theory]
    [InlineData("#1")]
    [InlineData("a#b")]
    [InlineData("&#x20;")]
    [InlineData("http://a.example/#fragment")]
    public void A_number_or_a_fragment_is_no_tag(string text) =>
        Assert.DoesNotContain(NoticeText.Split(text), p => p.Kind == TextPartKind.Tag);

    [Theory]
    [InlineData("!cats hello", "cats")]
    [InlineData("(!CATS), you", "cats")]
    [InlineData("to !кошки.", "кошки")]
    [InlineData("!猫、!बिल्ली !γάτες", "猫 बिल्ली γάτες")]
    [InlineData("!𐐀𐐁", "𐐨𐐩")]
    [InlineData("!a_1!b", "a_1")]
    [InlineData("#a !b @c", "b")]
    public void A_group_of_any_script_is_found_and_folded(string text, string names) =>
        Assert.Equal(names.Split(' '), GroupsOf(text));

    [Theory]
    [InlineData("wow!cats")]
    [InlineData("!!cats")]
    [InlineData("!!!cats !!")]
    [InlineData("a != b")]
    [InlineData("!")]
    [InlineData("! cats")]
    [InlineData("!42")]
    [InlineData("&!x")]
    [InlineData("猫!猫")]
    [InlineData("https://a.example/!cats")]
    public void An_exclamation_is_no_group(string text) => Assert.Empty(GroupsOf(text));

    [Fact]
    public void A_name_of_64_code_points_is_a_groups_and_a_longer_one_is_none()
    {
        Assert.Single(GroupsOf("!" + string.Concat(Enumerable.Repeat("𐐀", 64))));
        Assert.Empty(GroupsOf("!" + string.Concat(Enumerable.Repeat("𐐀", 65))));
    }

    [Fact]
    public void Mentions_and_tags_may_follow_an_exclamation() =>
        Assert.Equal([TextPartKind.Plain, TextPartKind.Mention, TextPartKind.Plain, TextPartKind.Tag], NoticeText.Split("Hi!@alice !#tag").Select(part => part.Kind));

    [Fact]
    public void A_text_full_of_exclamations_is_read_once()
    {
        // Whatever is looked at again and again would take hours here.
        foreach (var piece in new[] { "!", " !", "!a", "!a ", "!!a", "!\u0301", "!猫" })
        {
            var text = string.Concat(Enumerable.Repeat(piece, 200_000));
            Assert.Equal(text.Length, NoticeText.Split(text).Sum(part => part.Text.Length));
        }

        var word = "!" + new string('a', 5_000_000);
        Assert.Equal([new TextPart(TextPartKind.Plain, word, "")], NoticeText.Split(word));
    }

    [Fact]
    public void What_is_found_as_a_group_can_be_one()
    {
        var text = Gen.Elements(Pieces).ListOf().Select(string.Concat);
        Prop.ForAll(Arb.From(text), written => NoticeText.Split(written).Where(part => part.Kind == TextPartKind.Group).All(part =>
                part.Value == NoticeText.FoldTag(part.Text[1..]) && !part.Value.Any(char.IsControl)
                && (GroupName.TryParseAlias(part.Text, out var alias, out _) ? alias == part.Value : part.Value.Length > 0)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static IEnumerable<string> GroupsOf(string text) => NoticeText.Split(text).Where(p => p.Kind == TextPartKind.Group).Select(p => p.Value);

    [Theory]
    [InlineData("", 0)]
    [InlineData("a🙂", 2)]
    [InlineData("e\u0301", 1)]
    [InlineData("\r\n", 1)]
    [InlineData("🇩🇪🇦🇹", 2)]
    [InlineData("👨‍👩‍👧‍👦!", 2)]
    [InlineData("각", 1)]
    [InlineData("นี้", 1)]
    public void Length_counts_what_people_see_as_one_character(string text, int length) => Assert.Equal(length, NoticeText.Length(text));

    [Fact]
    public void A_character_of_a_thousand_accents_does_not_count_as_one() =>
        Assert.Equal(125, NoticeText.Length("e" + new string('\u0301', 999)));
}
