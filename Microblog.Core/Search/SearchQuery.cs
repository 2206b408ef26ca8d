using System.Diagnostics.CodeAnalysis;

namespace Microblog.Search;

/// <summary>What somebody looks for, as they wrote it: all of it must be there.</summary>
/// <remarks>
/// <para><c>word</c>, <c>beginning*</c>, <c>"words that stand together"</c>, <c>#tag</c>, <c>from:nick</c>, <c>from:nick@host</c>,
/// <c>since:2026-01-31</c>, <c>until:2026-01-31</c> (both days included, in UTC), and <c>-</c> in front of what must not be there. Several <c>from:</c> mean any of
/// them. Case, accents and widths do not matter.</para>
/// <para>What a query means is decided here alone: a store's index finds candidates, and each is compared with the query itself.</para>
/// </remarks>
public sealed class SearchQuery
{
    /// <summary>Longest query, in UTF-16 code units.</summary>
    public const int MaxLength = 500;

    /// <summary>Most things that one query asks for; words that stand together are one.</summary>
    public const int MaxClauses = 20;

    internal SearchQuery(IReadOnlyList<SearchClause> clauses, long after, long before) => (Clauses, After, Before) = (clauses, after, before);

    internal IReadOnlyList<SearchClause> Clauses { get; }

    /// <summary>Only numbers above this one.</summary>
    internal long After { get; }

    /// <summary>Only numbers below this one.</summary>
    internal long Before { get; }

    /// <summary>Reads what somebody wrote.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="query">What it asks for.</param>
    /// <param name="problem">Why it cannot be looked for, as a sentence for people.</param>
    /// <param name="ownHost">The node's own host, for <c>from:nick@host</c>; empty when there is none.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out SearchQuery? query, [NotNullWhen(false)] out string? problem, string ownHost = "")
    {
        ArgumentNullException.ThrowIfNull(ownHost);
        query = null;
        if (text is { Length: > MaxLength })
        {
            problem = $"A search has at most {MaxLength} characters.";
            return false;
        }

        return new SearchParser(ownHost.ToLowerInvariant()).TryParse(text ?? "", out query, out problem);
    }

    /// <summary>Whether a notice is what is looked for.</summary>
    /// <param name="notice">Not deleted.</param>
    /// <param name="author">The author as the reader knows them.</param>
    /// <remarks>Whether the reader may see it is not asked here.</remarks>
    public bool Matches(Notice notice, Profile author)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(author);
        if (notice.Id.Value <= After || notice.Id.Value >= Before || !notice.RepeatOf.IsNone)
            return false;
        var words = SearchTerms.Words(notice);
        return Clauses.All(clause => clause switch
        {
            SearchClause.Words phrase => phrase.IsIn(words) != clause.IsExcluded,
            SearchClause.Tag tag => notice.Tags.Any(own => SearchTerms.Tag(own) == tag.Term) != clause.IsExcluded,
            SearchClause.From from => !clause.IsExcluded || !from.IsOf(author),
            _ => true,
        }) && IsFrom(author);
    }

    private bool IsFrom(Profile author)
    {
        var wanted = Clauses.OfType<SearchClause.From>().Where(from => !from.IsExcluded).ToList();
        return wanted.Count == 0 || wanted.Exists(from => from.IsOf(author));
    }
}
