using Microblog.Storage;

namespace Microblog.Search;

/// <summary>Turns what an index found into a page: the same for every store.</summary>
/// <remarks>An index may be behind the notices, and may know less than the query asks for. So each candidate is compared with the query as it
/// stands in the store now: what was deleted or changed a moment ago is not shown. The effort of a page is bounded; where it ends before
/// the page is full, the next page goes on from there.</remarks>
public static class SearchWalk
{
    /// <summary>Most entries of the index that one page looks at.</summary>
    public const int MaxCandidates = 4_000;

    /// <summary>Most notices that one page reads.</summary>
    public const int MaxNotices = 500;

    /// <summary>Makes a page.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="before">Only what is older; <see langword="null"/> for the newest page.</param>
    /// <param name="count">At most so many; 1 to <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="source">The store.</param>
    /// <param name="cancellationToken">Cancels between two questions.</param>
    public static async ValueTask<SearchPage> RunAsync(
        SearchQuery query, TimelinePosition? before, int count, ISearchSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, PageRequest.MaxCount);
        var found = new List<TimelineEntry>();
        long? below = Math.Min(before?.Value ?? long.MaxValue, query.Before);
        var (looked, read, size) = (0, 0, count + 1);
        while (below is { } at && looked < MaxCandidates && read < MaxNotices)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var candidates = await source.FindAsync(at, Math.Min(size, MaxCandidates - looked), cancellationToken).ConfigureAwait(false);
            foreach (var entry in await ReadAsync(query, source, candidates, MaxNotices - read, cancellationToken).ConfigureAwait(false))
            {
                if (found.Count == count)
                    return new SearchPage(found, found[^1].Position);
                found.Add(entry);
            }

            below = candidates.Notices.Count > MaxNotices - read ? candidates.Notices[MaxNotices - read - 1] : candidates.Next;
            looked += size;
            read += candidates.Notices.Count;
            size *= 4;
        }

        return new SearchPage(found, below is { } rest ? new TimelinePosition(rest) : null);
    }

    private static async ValueTask<IEnumerable<TimelineEntry>> ReadAsync(
        SearchQuery query, ISearchSource source, SearchCandidates candidates, int most, CancellationToken cancellationToken)
    {
        if (candidates.Notices.Count == 0)
            return [];
        long[] wanted = [.. candidates.Notices.Take(most)];
        var entries = await source.ListAsync(wanted, cancellationToken).ConfigureAwait(false);
        return entries.Where(entry => query.Matches(entry.Notice, entry.Author)).OrderByDescending(entry => entry.Notice.Id);
    }
}

/// <summary>What a store's index answers.</summary>
public interface ISearchSource
{
    /// <summary>Notices that may fit, newest first.</summary>
    /// <param name="before">Only numbers below this one.</param>
    /// <param name="count">Looks at no more than about so many entries of the index.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<SearchCandidates> FindAsync(long before, int count, CancellationToken cancellationToken);

    /// <summary>Those of the notices that the reader may see and wants to, in any order.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyList<long> notices, CancellationToken cancellationToken);
}

/// <summary>Notices that may fit a query.</summary>
/// <param name="Notices">Their numbers, newest first.</param>
/// <param name="Next">Go on below this number; <see langword="null"/> when there is nothing more.</param>
public sealed record SearchCandidates(IReadOnlyList<long> Notices, long? Next);
