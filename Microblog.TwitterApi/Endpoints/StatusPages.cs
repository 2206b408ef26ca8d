using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Reads lists of notices as clients page them: by number from above and below, and by counting pages.</summary>
internal sealed class StatusPages(StatusObject statuses)
{
    /// <summary>How far back pages are counted, as Twitter did; whoever wants more goes on by <c>max_id</c>.</summary>
    public const int Deepest = 3_200;

    // A list of which little is wanted is read so many times at most.
    private const int MostReads = 16;

    /// <summary>Reads a part of a list.</summary>
    /// <param name="call">Says which.</param>
    /// <param name="read">Reads the list.</param>
    /// <param name="isWanted">What of it is shown.</param>
    /// <param name="isByNumber">Whether its places are numbers by which clients page; else they only count pages.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>What stands above the last number that no other may still come below is left out, because clients go on from the highest number
    /// that they saw (decision 0006).</remarks>
    public static async ValueTask<List<TimelineEntry>> ReadAsync(
        ApiCall call, Func<PageRequest, CancellationToken, ValueTask<EntryPage>> read, Func<TimelineEntry, bool> isWanted, bool isByNumber,
        CancellationToken cancellationToken)
    {
        var count = call.Parameters.Count();
        var skipped = (call.Parameters.Page - 1) * count;
        var found = new List<TimelineEntry>(count);
        if (skipped + count > Deepest)
            return found;
        var since = isByNumber ? call.Parameters.Number("since_id") : 0;
        var max = isByNumber ? call.Parameters.Number("max_id") : 0;
        var chunk = (int)Math.Min(PageRequest.MaxCount, skipped + count);
        var request = max > 0 && max < long.MaxValue ? PageRequest.OlderThan(new TimelinePosition(max + 1), chunk) : PageRequest.Newest(chunk);
        for (var reads = 0; reads < MostReads; reads++)
        {
            var page = await read(request, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                if (entry.Position.Value <= since)
                    return found;
                if (entry.Position.Value > page.Next.Value)
                {
                    call.IsCut = true;
                    continue;
                }

                if (!isWanted(entry) || skipped-- > 0)
                    continue;
                found.Add(entry);
                if (found.Count == count)
                    return found;
            }

            if (page.Count < request.Count)
                return found;
            request = PageRequest.OlderThan(page[^1].Position, PageRequest.MaxCount);
        }

        return found;
    }

    /// <summary>What may stand in a list of notices: letters go by <c>direct_messages</c>, lest a client answer one before everybody.</summary>
    public static bool IsNoLetter(TimelineEntry entry) => entry.Notice.Visibility != Visibility.Direct;

    /// <summary>Since when entries say what they say; <see langword="null"/> of none.</summary>
    public static DateTimeOffset? NewestOf(IReadOnlyList<TimelineEntry> entries) => entries.Count == 0 ? null
        : entries.Max(entry => entry.Repeated is { } repeated && repeated.Notice.ChangedAt > entry.Notice.ChangedAt ? repeated.Notice.ChangedAt : entry.Notice.ChangedAt);

    /// <summary>Answers with a list.</summary>
    /// <param name="call">In what format.</param>
    /// <param name="entries">What stands in it.</param>
    /// <param name="beside">What is shown beside.</param>
    /// <param name="byPosition">Whether things go by their places in it, which is so at home and among mentions (decision 0006).</param>
    public ApiResult Answer(ApiCall call, IReadOnlyList<TimelineEntry> entries, Surroundings beside, bool byPosition = false) => call.Answer(
        writer =>
        {
            writer.StartList("statuses");
            foreach (var entry in entries)
                statuses.Write(writer, entry, beside, byPosition ? entry.Position.Value : 0);
            writer.EndList();
        },
        NewestOf(entries));

    /// <summary>Answers with one notice.</summary>
    public async ValueTask<ApiResult> AnswerAsync(IReadSession session, ApiCall call, TimelineEntry entry, CancellationToken cancellationToken)
    {
        var beside = await Surroundings.ReadAsync(session, call.Reader, [entry], [], cancellationToken).ConfigureAwait(false);
        return call.Answer(writer => statuses.Write(writer, entry, beside), NewestOf([entry]));
    }

    /// <summary>The notice that a number means: its own, or a place at the reader's home or among their mentions.</summary>
    public static async ValueTask<TimelineEntry?> FindAsync(IReadSession session, ProfileId reader, long number, CancellationToken cancellationToken)
    {
        if (number is <= 0 or long.MaxValue)
            return null;
        if (await session.Notices.FindAsync(new NoticeId(number), reader, cancellationToken).ConfigureAwait(false) is { } found)
            return IsNoLetter(found) ? found : null;
        if (reader.IsNone)
            return null;
        var place = PageRequest.OlderThan(new TimelinePosition(number + 1), 1);
        return At(await session.Timelines.HomeAsync(reader, place, cancellationToken).ConfigureAwait(false))
            ?? At(await session.Timelines.MentionsAsync(reader, place, cancellationToken).ConfigureAwait(false));

        TimelineEntry? At(EntryPage page) => page is [var entry] && entry.Position.Value == number && IsNoLetter(entry) ? entry : null;
    }
}
