using Microblog.Search;

namespace Microblog.Storage.Sqlite;

/// <summary>What the full-text index knows of a query. It walks the lists of the terms from the newest notice on, all at once.</summary>
internal sealed class SqliteSearchSource(SqliteSession session, SearchPlan plan, ProfileId viewer) : ISearchSource
{
    // A prefix with more entries is not looked up: their lists would be merged from end to end for each page. Notices that have one of
    // so many words are met soon in other ways.
    private const int MaxPrefixEntries = 20_000;

    private const int MaxAuthors = 200;

    private string? match;

    public ValueTask<SearchCandidates> FindAsync(long before, int count, CancellationToken cancellationToken)
    {
        match ??= Match();
        var rows = match switch
        {
            null => session.Use("SELECT id FROM microblog_notice WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3"),
            _ => session.Use("SELECT rowid FROM microblog_search WHERE microblog_search MATCH ?4 AND rowid < ?1 AND rowid > ?2 ORDER BY rowid DESC LIMIT ?3").Bind(4, match),
        };
        using var reading = rows.Bind(1, before).Bind(2, plan.After).Bind(3, count);
        var found = new List<long>();
        while (reading.Step())
            found.Add(reading.Int64(0));
        return new(new SearchCandidates(found, found.Count == count ? found[^1] : null));
    }

    public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyList<long> notices, CancellationToken cancellationToken) =>
        new(((SqliteTimelines)session.Timelines).Found(notices, viewer));

    // Quoted, so that nothing in a term is syntax; and no term has a quotation mark. Null where the index has nothing to say.
    private string? Match()
    {
        var parts = plan.Terms.Where(term => !term.IsPrefix || IsRare(term)).Select(term => $"\"{term.Text}\"{(term.IsPrefix ? "*" : "")}").ToList();
        if (plan.Names.Count > 0)
        {
            var authors = Authors();
            parts.Add($"({string.Join(" OR ", authors.DefaultIfEmpty(SearchPlan.NoTerm).Select(author => $"\"{author}\""))})");
        }

        return parts.Count == 0 ? null : string.Join(" AND ", parts);
    }

    private bool IsRare(SearchTerm prefix)
    {
        using var rows = session.Use("SELECT doc FROM microblog_search_term WHERE term >= ?1 AND term < ?2").Bind(1, prefix.Text).Bind(2, prefix.End);
        var entries = 0L;
        while (entries <= MaxPrefixEntries && rows.Step())
            entries += rows.Int64(0);
        return entries <= MaxPrefixEntries;
    }

    private HashSet<string> Authors()
    {
        var terms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in plan.Names)
        {
            using var rows = session.Use(
                "SELECT DISTINCT p.uri FROM microblog_search_person x CROSS JOIN microblog_profile p ON p.id = x.person WHERE x.term = ?1 LIMIT ?2")
                .Bind(1, name).Bind(2, MaxAuthors);
            while (rows.Step())
                terms.Add(SearchPlan.AuthorTerm(ProfileUri.Parse(rows.Text(0))));
        }

        return terms;
    }
}
