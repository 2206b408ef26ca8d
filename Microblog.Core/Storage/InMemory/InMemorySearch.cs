using Microblog.Search;

namespace Microblog.Storage.InMemory;

/// <summary>Search without an index: every notice is a candidate.</summary>
internal sealed class InMemorySearch(InMemorySession session) : ISearchStore
{
    public ValueTask<SearchPage> NoticesAsync(
        SearchQuery query, ProfileId viewer, TimelinePosition? before, int count, CancellationToken cancellationToken) =>
        SearchWalk.RunAsync(query, before, count, new Source(session, query, viewer), cancellationToken);

    public ValueTask<IReadOnlyList<Profile>> PeopleAsync(SearchQuery query, ProfileId viewer, int count, CancellationToken cancellationToken)
    {
        var heard = session.State.Subscriptions.Values
            .Where(found => found.Subscriber == viewer && found.State == SubscriptionState.Active).Select(found => found.Id).ToHashSet();
        var timelines = (InMemoryTimelines)session.Timelines;
        return new(PeopleRank.Choose(
            query,
            session.State.Profiles.Values.Where(person => !timelines.IsHidden(person.Id) && !timelines.IsSilenced(person.Id, viewer)
                && (person.Scope.IsNone || heard.Contains(person.Scope)) && !timelines.IsBlocked(person.Id, viewer)),
            count));
    }

    public ValueTask<SearchState> MeasureAsync(CancellationToken cancellationToken) => new(new SearchState(session.Horizon, false, null, null));

    public ValueTask<IndexResult> IndexAsync(int count, long horizon, CancellationToken cancellationToken) => new(IndexResult.Done);

    private sealed class Source(InMemorySession session, SearchQuery query, ProfileId viewer) : ISearchSource
    {
        private readonly InMemoryTimelines timelines = (InMemoryTimelines)session.Timelines;

        public ValueTask<SearchCandidates> FindAsync(long before, int count, CancellationToken cancellationToken)
        {
            // As an index would: only what fits.
            var found = session.State.Notices.Values.Reverse().Where(stored => stored.Notice.Id.Value < before && !stored.IsDeleted)
                .Select(stored => timelines.Entry(stored, viewer)).OfType<TimelineEntry>()
                .Where(entry => query.Matches(entry.Notice, entry.Author)).Select(entry => entry.Notice.Id.Value).Take(count).ToList();
            return new(new SearchCandidates(found, found.Count == count ? found[^1] : null));
        }

        public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyList<long> notices, CancellationToken cancellationToken) => new(
            notices.Select(number => timelines.Entry(session.State.Notices[number], viewer)).OfType<TimelineEntry>()
                .Where(entry => !timelines.IsMuted(entry, viewer) && IsListed(entry.Notice)).ToList());

        private bool IsListed(Notice notice) => notice.Visibility != Visibility.Unlisted || session.State.Home.ContainsKey((viewer, notice.Id));
    }
}
