using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microblog.Storage;

namespace Microblog.Search;

/// <summary>Reads a query from left to right, once.</summary>
internal sealed class SearchParser(string ownHost)
{
    private const string Quotes = "\"“”„";
    private const string Nothing = "Write at least one word, #tag or from:nick to look for.";

    private readonly List<SearchClause> clauses = [];
    private long after;
    private long before = long.MaxValue;
    private string? problem;

    public bool TryParse(string text, [NotNullWhen(true)] out SearchQuery? query, [NotNullWhen(false)] out string? problem)
    {
        for (var at = 0; at < text.Length && this.problem is null;)
        {
            if (char.IsWhiteSpace(text[at]))
                at++;
            else
                at = ReadClause(text, at);
        }

        this.problem ??= clauses.Count > SearchQuery.MaxClauses ? $"A search has at most {SearchQuery.MaxClauses} words."
            : clauses.TrueForAll(clause => clause.IsExcluded) ? Nothing
            : null;
        problem = this.problem;
        query = problem is null ? new SearchQuery(clauses, after, before) : null;
        return problem is null;
    }

    /// <summary>The words of what is looked for, put together from the words of a text.</summary>
    public static IReadOnlyList<SearchPart> Parts(string text, bool beginsWord)
    {
        var words = SearchText.Split(text);
        var parts = new List<SearchPart>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            // Of a run without spaces the pairs say it all; a letter that is looked for alone begins a pair in most texts.
            if (word.Kind == SearchWordKind.Last && i > 0 && words[i - 1].Kind == SearchWordKind.Pair)
                continue;
            var isPrefix = word.Kind == SearchWordKind.Last || (beginsWord && word.Kind == SearchWordKind.Whole && i == words.Count - 1);
            parts.Add(new SearchPart(word.Text, word.Position - words[0].Position, isPrefix));
        }

        return parts;
    }

    private int ReadClause(string text, int at)
    {
        var isExcluded = text[at] == '-';
        if (isExcluded && ++at == text.Length)
            return at;
        if (Quotes.Contains(text[at], StringComparison.Ordinal))
        {
            var close = text.AsSpan(at + 1).IndexOfAny(Quotes);
            var end = close < 0 ? text.Length : at + 1 + close;
            AddWords(text[(at + 1)..end], false, isExcluded);
            return Math.Min(end + 1, text.Length);
        }

        var length = text.AsSpan(at).IndexOfAny(" \t\r\n\f\v\u00A0\u3000" + Quotes);
        var stop = length < 0 ? text.Length : Math.Max(at + 1, at + length);
        Read(text[at..stop], isExcluded);
        return stop;
    }

    private void Read(string word, bool isExcluded)
    {
        if (word.StartsWith("from:", StringComparison.OrdinalIgnoreCase))
            AddFrom(word[5..].TrimStart('@'), isExcluded);
        else if (word.StartsWith("since:", StringComparison.OrdinalIgnoreCase))
            after = Math.Max(after, FirstOf(word[6..], 0) - 1);
        else if (word.StartsWith("until:", StringComparison.OrdinalIgnoreCase))
            before = Math.Min(before, FirstOf(word[6..], 1));
        else if (word[0] is '#' or '＃' && SearchText.Split(word).Count > 0)
            clauses.Add(new SearchClause.Tag(SearchTerms.Tag(word[1..])) { IsExcluded = isExcluded });
        else
            AddWords(word, word[^1] == '*', isExcluded);
    }

    // What consists of signs alone asks for nothing.
    private void AddWords(string text, bool isPrefix, bool isExcluded)
    {
        if (Parts(text, isPrefix) is { Count: > 0 } parts)
            clauses.Add(new SearchClause.Words(parts) { IsExcluded = isExcluded });
    }

    private void AddFrom(string name, bool isExcluded)
    {
        var (nickname, host) = name.ToLowerInvariant().Split('@', 2) is [var nick, var place] ? (nick, place) : (name.ToLowerInvariant(), null);
        if (nickname.Length == 0 || host is "")
            problem = "Write after “from:” whose notices you look for, such as from:nick or from:nick@example.org.";
        else
            clauses.Add(new SearchClause.From(nickname, host == ownHost ? "" : host) { IsExcluded = isExcluded });
    }

    private long FirstOf(string text, int days)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            problem = "Write the day after “since:” or “until:” as 2026-01-31.";
            return 0;
        }

        // Numbers know no moment before 2008 and none after 2077.
        var (first, last) = (new DateOnly(2008, 1, 1), new DateOnly(2077, 1, 1));
        var start = (day < first ? first : day > last ? last : day).AddDays(day < first ? 0 : days);
        return IdSource.FirstAt(new DateTimeOffset(start, TimeOnly.MinValue, TimeSpan.Zero));
    }
}
