using System.Text;
using Microblog.Search;
using Microblog.Tests.Foreign;

namespace Microblog.Core.Tests.Search;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("Hello, World!", "hello", "world")]
    [InlineData("  ", new string[0])]
    [InlineData("snake_case", "snake", "case")]
    [InlineData("don't", "don", "t")]
    [InlineData("Straße", "strasse")]
    [InlineData("ﬁne", "fine")]
    [InlineData("e\u0301te\u0301", "ete")]
    [InlineData("東京都", "東京", "京都", "都")]
    [InlineData("愛", "愛")]
    [InlineData("iPhone発売", "iphone", "発売", "売")]
    [InlineData("ﾊﾟｿ", "パソ", "ソ")]
    [InlineData("か\u3099", "が")]
    [InlineData("コーヒー", "コー", "ーヒ", "ヒー", "ー")]
    [InlineData("๑๒๓", "123")]
    [InlineData("⁷x²", "7x2")]
    [InlineData("👍🏽👍", "👍", "👍")]
    [InlineData("a\u00ADb\u200Dc", "abc")]
    [InlineData("كتـــاب", "كتاب")]
    [InlineData("a\uE000b", "a", "b")]
    public void Text_is_cut_into_folded_words(string text, params string[] words) =>
        Assert.Equal(words, SearchText.Split(text).Select(word => word.Text));

    [Fact]
    public void A_word_and_a_text_have_a_greatest_length()
    {
        Assert.Equal(SearchText.MaxWordLength, Assert.Single(SearchText.Split(new string('a', 1_000))).Text.Length);
        Assert.True(SearchText.Split(string.Concat(Enumerable.Repeat("word ", 100_000))).Count <= SearchText.MaxWords + 1);
        Assert.True(SearchText.Split(new string('語', 100_000)).Count <= SearchText.MaxWords + 1);
    }

    [Fact]
    public void Words_that_stand_together_have_places_that_follow_each_other()
    {
        var words = SearchText.Split("one 東京都 two");

        Assert.Equal([0, 1, 2, 3, 4], words.Select(word => word.Position));
    }

    [Fact]
    public void Folding_what_is_folded_changes_nothing()
    {
        foreach (var rune in AllRunes())
        {
            foreach (var word in SearchText.Split(rune.ToString()))
                Assert.Equal(word.Text, SearchText.Split(word.Text)[0].Text);
        }
    }

    [Fact]
    public void Any_text_at_all_can_be_cut()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => (char)random.Next(0x10000))]);
            Assert.All(SearchText.Split(text), word => Assert.DoesNotContain(word.Text, c => c is ' ' or '"' or '\0' || char.IsAsciiLetterUpper(c)));
        }
    }

    [ForeignFact("python3")]
    public async Task Letters_of_Latin_Greek_Cyrillic_Hebrew_and_Arabic_are_folded_as_Python_folds_them()
    {
        using var python = ForeignProgram.Start("python3", Path.Combine(AppContext.BaseDirectory, "foreign", "fold.py"));
        var compared = 0;
        foreach (var (first, last) in new[]
        {
            (0x20, 0x24F), (0x250, 0x2FF), (0x370, 0x52F), (0x5D0, 0x5EA), (0x620, 0x64A), (0x660, 0x669), (0x6F0, 0x6F9), (0x671, 0x6D3), (0x1E00, 0x1FFF), (0x2100, 0x214F),
            (0xFB00, 0xFB06), (0xFB1D, 0xFB4F), (0xFE70, 0xFEFC), (0xFF01, 0xFF5A), (0x1D400, 0x1D7FF),
        })
        {
            for (var codePoint = first; codePoint <= last; codePoint++)
            {
                var letter = char.ConvertFromUtf32(codePoint);
                // Between two letters, so that a mark has something to stand on.
                var folded = (await python.AskAsync(new { text = $"a{letter}b" }))["folded"]!.GetValue<string>();
                Assert.Equal((codePoint, Words(folded)), (codePoint, string.Join(' ', SearchText.Split($"a{letter}b").Select(word => word.Text))));
                compared++;
            }
        }

        Assert.True(compared > 3_000);

        // Words as they are left by whoever folded.
        static string Words(string folded) => string.Join(' ', SearchText.Split(folded).Select(word => word.Text));
    }

    [ForeignFact("python3")]
    public async Task Sentences_are_folded_as_Python_folds_them()
    {
        using var python = ForeignProgram.Start("python3", Path.Combine(AppContext.BaseDirectory, "foreign", "fold.py"));
        foreach (var text in new[]
        {
            "Příliš žluťoučký kůň úpěl ďábelské ódy", "Zażółć gęślą jaźń", "Îți voi face cunoștință cu întâmplările", "Þú ætlar að borða öll krækiberin",
            "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία", "Съешь ещё этих мягких французских булок, да выпей чаю", "دِينَارٌ وَثَلَاثَةُ دَرَاهِمَ ٤٥٦", "ＦＵＬＬ ｗｉｄｔｈ ①②③",
            "Việt Nam Tiếng Việt", "İIıi ǅ ŉ ſ ﬀ ﬃ Ǆ", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝟙𝟚𝟛 𝒮𝒸𝓇𝒾𝓅𝓉",
        })
        {
            var folded = (await python.AskAsync(new { text }))["folded"]!.GetValue<string>();
            Assert.Equal(
                folded.Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Any(char.IsLetterOrDigit) || word.EnumerateRunes().Any(Rune.IsLetterOrDigit)),
                SearchText.Split(text).Select(word => word.Text).Where(word => word.EnumerateRunes().Any(Rune.IsLetterOrDigit)));
        }
    }

    private static IEnumerable<Rune> AllRunes() => Enumerable.Range(0, 0x30000).Where(Rune.IsValid).Select(value => new Rune(value));
}
