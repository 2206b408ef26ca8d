using Microblog.Search;

namespace Microblog.Storage;

/// <summary>Looks for notices and people.</summary>
public interface ISearchReader
{
    /// <summary>Notices that fit, newest first: what the viewer may see (<see cref="INoticeReader.FindAsync(NoticeId, ProfileId, CancellationToken)"/>)
    /// of people whom the viewer has not muted and the operator has not silenced for them.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="before"><see cref="SearchPage.Older"/> of the page before; <see langword="null"/> for the newest page.</param>
    /// <param name="count">At most so many; 1 to <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>A repeat is not found, what it repeats is. Unlisted notices are found only by those in whose home timeline they stand. A page costs the
    /// same whatever the number of notices, so it may hold less than there is. A new notice is found as soon as <see cref="ISearchStore.IndexAsync"/> has
    /// taken it up; one that was deleted or changed is never shown for what it said before.</remarks>
    ValueTask<SearchPage> NoticesAsync(SearchQuery query, ProfileId viewer, TimelinePosition? before, int count, CancellationToken cancellationToken);

    /// <summary>People who fit, the best first (<see cref="PeopleRank.Choose"/>): those of this node, proven ones of other services, and those whom the
    /// viewer hears. Nobody whom a block keeps from the viewer, either way, nor whom the operator suspended or whose domain is blocked; who is
    /// silenced is found by those who hear them.</summary>
    ValueTask<IReadOnlyList<Profile>> PeopleAsync(SearchQuery query, ProfileId viewer, int count, CancellationToken cancellationToken);

    /// <summary>How far the index is.</summary>
    ValueTask<SearchState> MeasureAsync(CancellationToken cancellationToken);
}

/// <summary>Keeps what notices and people are found by.</summary>
public interface ISearchStore : ISearchReader
{
    /// <summary>Takes up what is new, has changed or is gone, and then what was there before there was an index, the newest first.</summary>
    /// <param name="count">At most about so many notices and people, so that nobody else's write waits long.</param>
    /// <param name="horizon"><see cref="SearchState.Horizon"/>, read before, while a number drawn before that was still open: every number below it
    /// is visible or never will be.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask<IndexResult> IndexAsync(int count, long horizon, CancellationToken cancellationToken);
}

/// <summary>How far the index is.</summary>
/// <param name="Horizon"><see cref="IdSource.Horizon"/>, from before the snapshot.</param>
/// <param name="IsBehind">Whether there is something to take up.</param>
/// <param name="WaitingSince">When the oldest new notice was accepted that is not in the index; <see langword="null"/> when all are.</param>
/// <param name="OlderThan">What was there before there was an index is in it down to this moment; <see langword="null"/> when all of it is.</param>
public sealed record SearchState(long Horizon, bool IsBehind, DateTimeOffset? WaitingSince, DateTimeOffset? OlderThan);

/// <summary>What became of a step of indexing.</summary>
public enum IndexResult
{
    /// <summary>There was nothing more.</summary>
    Done,

    /// <summary>There is more that is new.</summary>
    More,

    /// <summary>There is more that was there before there was an index.</summary>
    MoreOld,

    /// <summary>Another process is at it.</summary>
    Elsewhere,
}
