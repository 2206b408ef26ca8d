namespace Microblog.Search;

/// <summary>What of a query a store's index can answer. Everything that fits the query is among what fits this.</summary>
public sealed class SearchPlan
{
    // Enough to leave few candidates; the query itself is compared with each.
    private const int MaxTerms = 20;

    /// <summary>A term that nothing has.</summary>
    public const string NoTerm = "\uE003";

    private SearchPlan(IReadOnlyList<SearchTerm> terms, IReadOnlyList<string> names, long after)
    {
        Terms = terms;
        Names = names;
        After = after;
    }

    /// <summary>All of these must be there. At most twenty; none where only the author is asked for.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>The author must be one of the people who have one of these terms; empty where nobody is asked for.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Only numbers above this one.</summary>
    public long After { get; }

    /// <summary>What to ask for notices.</summary>
    public static SearchPlan Of(SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var wanted = query.Clauses.Where(clause => !clause.IsExcluded).ToList();
        var terms = wanted.OfType<SearchClause.Words>().SelectMany(phrase => phrase.Parts).Select(part => new SearchTerm(part.Text, part.IsPrefix))
            .Concat(wanted.OfType<SearchClause.Tag>().Select(tag => new SearchTerm(tag.Term, false)));
        return new SearchPlan(
            [.. terms.Distinct().Take(MaxTerms)], [.. wanted.OfType<SearchClause.From>().Select(from => from.Term).Distinct(StringComparer.Ordinal)], query.After);
    }

    /// <summary>The term under which the notices of an author stand.</summary>
    public static string AuthorTerm(ProfileUri author)
    {
        ArgumentNullException.ThrowIfNull(author);
        return SearchTerms.Author(author);
    }
}

/// <summary>A term that an index is asked for.</summary>
/// <param name="Text">The term.</param>
/// <param name="IsPrefix">Whether all terms that begin so are meant.</param>
public sealed record SearchTerm(string Text, bool IsPrefix)
{
    /// <summary>Where the terms that begin so end, in the order of code points; excluded.</summary>
    public string End => Text + "\U0010FFFF";
}
