using Microblog.Search;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteSearch(SqliteSession session) : ISearchStore
{
    private const string HeardPerson =
        "SELECT " + ProfileRow.Columns + " FROM microblog_search_person x CROSS JOIN microblog_profile p ON p.id = x.person "
        + "WHERE x.term >= ?2 AND x.term < ?3 AND " + SqliteStanding.Present + " AND " + SqliteStanding.Heard +
        """
            AND (p.scope = 0 OR EXISTS (SELECT 1 FROM microblog_subscription s WHERE s.id = p.scope AND s.subscriber = ?1 AND s.state = 1))
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = ?1 AND b.blocked = p.uri)
            AND NOT EXISTS (SELECT 1 FROM microblog_block b WHERE b.blocker = p.id
                AND b.blocked = (SELECT v.uri FROM microblog_profile v WHERE v.id = ?1))
        GROUP BY p.id ORDER BY p.id DESC LIMIT ?4
        """;

    public ValueTask<SearchPage> NoticesAsync(
        SearchQuery query, ProfileId viewer, TimelinePosition? before, int count, CancellationToken cancellationToken) =>
        SearchWalk.RunAsync(query, before, count, new SqliteSearchSource(session, SearchPlan.Of(query), viewer), cancellationToken);

    public ValueTask<IReadOnlyList<Profile>> PeopleAsync(SearchQuery query, ProfileId viewer, int count, CancellationToken cancellationToken)
    {
        if (PeopleRank.TermOf(query) is not { } term)
            return new([]);
        var people = PeopleRank.NamesOf(query).SelectMany(name => People(name, name + "\0", viewer)).Concat(People(term.Text, term.End, viewer));
        return new(PeopleRank.Choose(query, people.DistinctBy(person => person.Id), count));
    }

    public ValueTask<SearchState> MeasureAsync(CancellationToken cancellationToken) => new(new SqliteIndex(session).Measure());

    public ValueTask<IndexResult> IndexAsync(int count, long horizon, CancellationToken cancellationToken) => new(new SqliteIndex(session).Run(count, horizon));

    private List<Profile> People(string first, string end, ProfileId viewer)
    {
        using var rows = session.Use(HeardPerson).Bind(1, viewer.Value).Bind(2, first).Bind(3, end).Bind(4, PeopleRank.MaxCandidates);
        var list = new List<Profile>();
        while (rows.Step())
            list.Add(ProfileRow.Read(rows, 0));
        return list;
    }
}
