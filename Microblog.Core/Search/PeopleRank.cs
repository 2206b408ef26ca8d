namespace Microblog.Search;

/// <summary>Which of the people that an index found fit best: the same for every store.</summary>
public static class PeopleRank
{
    /// <summary>Most people that a store hands over.</summary>
    public const int MaxCandidates = 500;

    /// <summary>The word that leaves the fewest people, as far as its length tells; <see langword="null"/> when the query has no word.</summary>
    public static SearchTerm? TermOf(SearchQuery query) =>
        Words(query).MaxBy(word => word.Text.Length) is { } word ? new SearchTerm(word.Text, true) : null;

    /// <summary>The terms of people whose nickname is a word of the query.</summary>
    public static IReadOnlyList<string> NamesOf(SearchQuery query) => [.. Words(query).Select(word => SearchTerms.Name(word.Text)).Distinct(StringComparer.Ordinal)];

    /// <summary>Those who fit, the best first: each word has to begin a word of what the person says of themselves. First come nicknames that are one of
    /// the words, then this node's people, and among these the order of the nicknames.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="people">Whom the reader may see. Who is there twice, proven and as the reader's own subscription tells, is shown as the latter.</param>
    /// <param name="count">At most so many.</param>
    public static IReadOnlyList<Profile> Choose(SearchQuery query, IEnumerable<Profile> people, int count)
    {
        ArgumentNullException.ThrowIfNull(people);
        var words = Words(query);
        return
        [
            .. people.Where(person => words.Count > 0 && Fits(words, person))
                .GroupBy(person => person.Uri).Select(same => same.OrderByDescending(person => person.Scope.Value).First())
                .OrderByDescending(person => words.Exists(word => word.Text.Equals(person.Nickname, StringComparison.OrdinalIgnoreCase)))
                .ThenByDescending(person => person.IsLocal).ThenBy(person => person.Nickname, StringComparer.Ordinal).ThenBy(person => person.Id.Value)
                .Take(count),
        ];
    }

    private static bool Fits(List<SearchPart> wanted, Profile person)
    {
        var words = SearchTerms.Words(person);
        return wanted.TrueForAll(part => words.Exists(word => word.Text.StartsWith(part.Text, StringComparison.Ordinal)));
    }

    private static List<SearchPart> Words(SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return [.. query.Clauses.OfType<SearchClause.Words>().Where(clause => !clause.IsExcluded).SelectMany(clause => clause.Parts)];
    }
}
