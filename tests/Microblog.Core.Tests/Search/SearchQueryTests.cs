using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Search;
using Microblog.Storage;

namespace Microblog.Core.Tests.Search;

public sealed class SearchQueryTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("!!! ??? -")]
    [InlineData("\"\" \"")]
    [InlineData("***")]
    [InlineData("#")]
    [InlineData("-word")]
    [InlineData("since:2026-01-01")]
    public void A_query_that_asks_for_nothing_is_refused_in_words(string? text)
    {
        Assert.False(SearchQuery.TryParse(text, out _, out var problem));
        Assert.Contains("at least one word", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("word since:yesterday", "2026-01-31")]
    [InlineData("word until:2026-02-30", "2026-01-31")]
    [InlineData("since: word", "2026-01-31")]
    [InlineData("from: word", "from:nick")]
    [InlineData("from:nick@", "from:nick@example.org")]
    public void What_is_not_understood_is_refused_in_words(string text, string help)
    {
        Assert.False(SearchQuery.TryParse(text, out _, out var problem));
        Assert.Contains(help, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_has_a_greatest_length_and_number_of_words()
    {
        Assert.True(SearchQuery.TryParse(new string('a', SearchQuery.MaxLength), out _, out _));
        Assert.False(SearchQuery.TryParse(new string('a', SearchQuery.MaxLength + 1), out _, out var problem));
        Assert.Contains("500 characters", problem, StringComparison.Ordinal);
        Assert.True(SearchQuery.TryParse(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"w{i}")), out _, out _));
        Assert.False(SearchQuery.TryParse(string.Join(' ', Enumerable.Range(0, 21).Select(i => $"w{i}")), out _, out problem));
        Assert.Contains("20 words", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_at_all_makes_the_parser_throw()
    {
        var sign = Gen.Elements("\"", "*", "-", "#", "from:", "since:", "until:", "@", ":", " ", "a", "東", "京", "🎉", "é", "“", "”", "\0", "\uD800", "\uDC00", "(", ")", "AND", "NEAR", "^", "'", ";", "%", "2026-01-01", "\u202E");
        Prop.ForAll(
            Arb.From(Gen.Select(Gen.ListOf(sign), parts => string.Concat(parts))),
            text =>
            {
                var isQuery = SearchQuery.TryParse(text, out var query, out var problem, "here.example");
                if (!isQuery)
                    return !string.IsNullOrEmpty(problem);
                var plan = SearchPlan.Of(query!);
                return plan.Terms.Count + plan.Names.Count is > 0 and <= 40
                    && plan.Terms.All(term => term.Text.Length > 0 && !term.Text.Contains('"', StringComparison.Ordinal) && !term.Text.Contains(' ', StringComparison.Ordinal));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("*")]
    [InlineData("-")]
    [InlineData("-\"a\"")]
    [InlineData("a*")]
    [InlineData("\"a b\" ")]
    [InlineData("東")]
    [InlineData("\uFDFA")]
    public void A_bomb_of_syntax_costs_next_to_nothing(string part)
    {
        var bomb = string.Concat(Enumerable.Repeat(part, SearchQuery.MaxLength / part.Length));
        var notice = NoticeOf(string.Concat(Enumerable.Repeat("a b 東 ", 5_000)));
        var before = Process.GetCurrentProcess().TotalProcessorTime;

        if (SearchQuery.TryParse(bomb, out var query, out _))
        {
            _ = SearchPlan.Of(query);
            query.Matches(notice, Author);
        }

        Assert.True(Process.GetCurrentProcess().TotalProcessorTime - before < TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("quick", true)]
    [InlineData("QUICK Fox", true)]
    [InlineData("qui*", true)]
    [InlineData("qui", false)]
    [InlineData("\"quick brown\"", true)]
    [InlineData("\"brown quick\"", false)]
    [InlineData("\"quick bro*\"", false)]
    [InlineData("quick -fox", false)]
    [InlineData("quick -\"fox quick\"", true)]
    [InlineData("#tag", true)]
    [InlineData("tag", false)]
    [InlineData("from:alice fox", true)]
    [InlineData("from:bob fox", false)]
    [InlineData("from:@ALICE", true)]
    [InlineData("from:alice@here.example", true)]
    [InlineData("from:alice@there.example", false)]
    [InlineData("from:bob from:alice", true)]
    [InlineData("fox -from:alice", false)]
    [InlineData("http://notalink", false)]
    public void A_notice_fits_or_does_not(string text, bool fits)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem, "here.example"), problem);

        Assert.Equal(fits, query.Matches(NoticeOf("The quick brown fox") with { Tags = ["tag"] }, Author));
    }

    [Theory]
    [InlineData("cat", true)]
    [InlineData("fox cat window", true)]
    [InlineData("\"black cat\"", true)]
    [InlineData("wind*", true)]
    [InlineData("\"fox a\"", false)]
    [InlineData("\"cat an\"", false)]
    [InlineData("fox -window", false)]
    [InlineData("fox -\"cat an\"", true)]
    public void The_descriptions_of_pictures_are_words_of_the_notice_each_apart(string text, bool fits)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem), problem);

        Assert.Equal(fits, query.Matches(NoticeOf("The quick brown fox") with { Attachments = [PictureOf("A black cat"), PictureOf(""), PictureOf("An open window")] }, Author));
    }

    [Fact]
    public void However_many_pictures_are_described_a_notice_has_so_many_words_at_most()
    {
        var notice = NoticeOf("first");
        notice = notice with { Attachments = [.. Enumerable.Range(0, 100).Select(i => PictureOf(string.Join(' ', Enumerable.Range(0, 1_000).Select(j => $"w{i}x{j}"))))] };

        Assert.InRange(SearchTerms.Of(notice, Author.Uri).Count, 5_000, 6_002);
    }

    private static Attachment PictureOf(string description) => new()
    {
        Id = new AttachmentId(1),
        Blob = BlobKey.Of([1, 2, 3]),
        MediaType = "image/png",
        Size = 3,
        Width = 1,
        Height = 1,
        Description = description,
    };

    private static Profile Author { get; } = new()
    {
        Id = new ProfileId(1),
        Uri = ProfileUri.Parse("https://here.example/1"),
        Nickname = "alice",
        Url = "https://here.example/alice",
        IsLocal = true,
    };

    private static Notice NoticeOf(string content) => new()
    {
        Id = new NoticeId(5),
        Uri = NoticeUri.Parse("https://here.example/notice/5"),
        Author = Author.Id,
        Content = content,
        License = "",
    };
}
