using Microblog.Search;

namespace Microblog.Storage.Postgres;

/// <summary>What the table of terms knows of a query. It walks the entries of the rarest term from the newest notice on, and looks each up
/// under the others.</summary>
internal sealed class PostgresSearchSource(PostgresSession session, SearchPlan plan, ProfileId viewer) : ISearchSource
{
    // Of rarer terms it is known how rare they are; between two that are not, either leads to a full page soon or the page ends unfilled.
    private const int Counted = 2_000;

    // A prefix with more entries is not looked up: they would have to be sorted for each page.
    private const int MaxPrefixEntries = 20_000;

    private const int MaxAuthors = 200;

    // Those who do not stand in the profiles any more write nothing.
    private const string Authors =
        "SELECT DISTINCT p.uri FROM microblog.search_person x JOIN microblog.profile p ON p.id = x.person WHERE x.term = ANY ($1) LIMIT $2";

    // One list of terms, such as several authors, of which a notice has one; each list is walked by itself, and they are merged.
    private const string ByTerms =
        """
        SELECT x.notice FROM unnest($1) AS t (term) CROSS JOIN LATERAL (SELECT s.notice FROM microblog.search s
            WHERE s.term = t.term AND s.notice < $3 AND s.notice > $4 ORDER BY s.notice DESC LIMIT $5) x
        ORDER BY x.notice DESC LIMIT $5
        """;

    private const string ByPrefix =
        "SELECT DISTINCT s.notice FROM microblog.search s WHERE s.term >= $1[1] AND s.term < $2 AND s.notice < $3 AND s.notice > $4 ORDER BY s.notice DESC LIMIT $5";

    private const string ByNumber =
        "SELECT n.id AS notice FROM microblog.notice n WHERE $1 IS NOT NULL AND $2 IS NOT NULL AND n.id < $3 AND n.id > $4 ORDER BY n.id DESC LIMIT $5";

    private Way? way;

    public async ValueTask<SearchCandidates> FindAsync(long before, int count, CancellationToken cancellationToken)
    {
        way ??= await ChooseAsync().ConfigureAwait(false);
        var rows = await session.Sql(way.Sql).Bind(way.Leading).Bind(way.End).Bind(before).Bind(plan.After).Bind(count).Bind(way.Others).Bind(way.Authors)
            .ListAsync(static row => (Notice: row.Int64(0), Fits: row.Bool(1))).ConfigureAwait(false);
        return new SearchCandidates([.. rows.Where(row => row.Fits).Select(row => row.Notice)], rows.Count == count ? rows[^1].Notice : null);
    }

    public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyList<long> notices, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).FoundAsync(notices, viewer);

    // All statements have the same parameters: the leading terms, the end of a prefix, two bounds, the count, the other terms and the authors.
    private static string Walk(string leading) =>
        $"""
        SELECT d.notice, NOT EXISTS (SELECT 1 FROM unnest($6) AS o (term) WHERE NOT EXISTS
            (SELECT 1 FROM microblog.search s WHERE s.term = o.term AND s.notice = d.notice OFFSET 0) OFFSET 0)
            AND (cardinality($7) = 0 OR EXISTS (SELECT 1 FROM microblog.search s WHERE s.term = ANY ($7) AND s.notice = d.notice OFFSET 0))
        FROM ({leading}) d ORDER BY d.notice DESC
        """;

    private async ValueTask<Way> ChooseAsync()
    {
        string[] authors = plan.Names.Count == 0 ? [] : [.. (await session.Sql(Authors).Bind(plan.Names).Bind(MaxAuthors)
            .ListAsync(static row => SearchPlan.AuthorTerm(ProfileUri.Parse(row.Text(0)))).ConfigureAwait(false)).DefaultIfEmpty(SearchPlan.NoTerm)];
        var whole = plan.Terms.Where(term => !term.IsPrefix).Select(term => term.Text).ToList();
        var groups = new List<Group>();
        groups.AddRange(whole.Select(term => new Group([term], "", Counted)));
        if (authors.Length > 0)
            groups.Add(new Group(authors, "", Counted));
        groups.AddRange(plan.Terms.Where(term => term.IsPrefix).Select(term => new Group([term.Text], term.End, MaxPrefixEntries)));
        // With nothing to compare it with, a list need not be counted; nor when only a prefix could be too long.
        var entries = groups.Count == 1 && groups[0].End.Length == 0 ? [0L] : await CountAsync(groups).ConfigureAwait(false);
        var usable = groups.Zip(entries).Where(pair => pair.First.End.Length == 0 || pair.Second <= MaxPrefixEntries).ToList();
        if (usable.Count == 0)
            return new Way(Walk(ByNumber), [], "", [], []);
        var leading = usable.MinBy(pair => pair.Second).First;
        return new Way(
            Walk(leading.End.Length > 0 ? ByPrefix : ByTerms), leading.Terms, leading.End,
            [.. whole.Where(term => leading.End.Length > 0 || leading.Terms[0] != term)], leading.Terms == authors ? [] : authors);
    }

    private async ValueTask<List<long>> CountAsync(List<Group> groups)
    {
        var counts = new List<long>();
        foreach (var group in groups)
        {
            counts.Add(await session.Sql(
                group.End.Length > 0
                    ? "SELECT count(*) FROM (SELECT 1 FROM microblog.search WHERE term >= $1[1] AND term < $2 LIMIT $3) x"
                    : "SELECT count(*) FROM unnest($1) AS t (term) CROSS JOIN LATERAL (SELECT 1 FROM microblog.search s WHERE s.term = t.term AND $2 = '' LIMIT $3) x")
                .Bind(group.Terms).Bind(group.End).Bind(group.Counted + 1).ScalarAsync().ConfigureAwait(false) ?? 0);
        }

        return counts;
    }

    /// <param name="Terms">A notice has one of them.</param>
    /// <param name="End">Where the terms of a prefix end; empty when it is none.</param>
    /// <param name="Counted">How far its entries are counted.</param>
    private sealed record Group(string[] Terms, string End, int Counted);

    private sealed record Way(string Sql, string[] Leading, string End, string[] Others, string[] Authors);
}
