using Microblog.Search;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresSearch(PostgresSession session) : ISearchStore
{
    // First those whose nickname is one of the words, for they must not be missing among the many whose words begin so.
    private const string HeardPeople =
        "SELECT " + PostgresProfileRow.Columns +
        """
         FROM (SELECT person, 0 AS place FROM microblog.search_person WHERE term = ANY ($2)
            UNION SELECT person, 1 FROM microblog.search_person WHERE term >= $3 AND term < $4) x
        JOIN microblog.profile p ON p.id = x.person
        """ + " WHERE " + PostgresStanding.Present + " AND " + PostgresStanding.Heard +
        """
            AND (p.scope = 0 OR EXISTS (SELECT 1 FROM microblog.subscription s WHERE s.id = p.scope AND s.subscriber = $1 AND s.state = 1))
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = $1 AND b.blocked = p.uri)
            AND NOT EXISTS (SELECT 1 FROM microblog.block b WHERE b.blocker = p.id
                AND b.blocked = (SELECT v.uri FROM microblog.profile v WHERE v.id = $1))
        ORDER BY x.place, p.id DESC LIMIT $5
        """;

    public ValueTask<SearchPage> NoticesAsync(
        SearchQuery query, ProfileId viewer, TimelinePosition? before, int count, CancellationToken cancellationToken) =>
        SearchWalk.RunAsync(query, before, count, new PostgresSearchSource(session, SearchPlan.Of(query), viewer), cancellationToken);

    public async ValueTask<IReadOnlyList<Profile>> PeopleAsync(SearchQuery query, ProfileId viewer, int count, CancellationToken cancellationToken)
    {
        if (PeopleRank.TermOf(query) is not { } term)
            return [];
        var people = await session.Sql(HeardPeople).Bind(viewer.Value).Bind(PeopleRank.NamesOf(query)).Bind(term.Text).Bind(term.End)
            .Bind(2 * PeopleRank.MaxCandidates).ListAsync(static row => PostgresProfileRow.Read(row, 0)).ConfigureAwait(false);
        return PeopleRank.Choose(query, people.DistinctBy(person => person.Id), count);
    }

    public ValueTask<SearchState> MeasureAsync(CancellationToken cancellationToken) => new PostgresIndex(session).MeasureAsync();

    public ValueTask<IndexResult> IndexAsync(int count, long horizon, CancellationToken cancellationToken) =>
        new PostgresIndex(session).RunAsync(count, horizon);
}
