using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>The next part of the firehose: what was published, changed and deleted, in one order.</summary>
/// <param name="Events">What there is to tell.</param>
/// <param name="Next">Where to go on: behind all of it, and behind what there was no need to tell.</param>
internal sealed record FirehosePage(IReadOnlyList<FirehoseEvent> Events, ChangePlace Next)
{
    public static async ValueTask<FirehosePage> ReadAsync(IReadSession session, ChangePlace after, CancellationToken cancellationToken)
    {
        // Forward: nothing that is still to come can stand before what is on such a page.
        var notices = await session.Timelines.PublicAsync(default, PageRequest.NewerThan(after.Position, PageRequest.MaxCount), cancellationToken).ConfigureAwait(false);
        var changes = await session.Notices.ListChangesAsync(after, PageRequest.MaxCount, cancellationToken).ConfigureAwait(false);
        // Behind the end of a full page there is more of its kind, which comes before what the other page has there.
        var end = Math.Min(
            notices.Count == PageRequest.MaxCount ? notices[0].Position.Value : long.MaxValue,
            changes.Count == PageRequest.MaxCount ? changes[^1].Place.Position.Value : long.MaxValue);
        var found = notices.Select(FirehoseEvent.Of).Concat(changes.Select(FirehoseEvent.Of)).Where(item => item.Place.Position.Value <= end)
            .OrderBy(item => item.Place.Position).ThenBy(item => item.Place.Notice).ToList();
        // Who has not come to a notice yet is told of it as it is now, or never.
        return new([.. found.Where(item => item.Place.Notice.Value <= after.Position.Value)], found.Count > 0 ? found[^1].Place : after);
    }
}

/// <summary>One event of the firehose.</summary>
/// <param name="Place">Where it stands. Of a notice that was published: its number, and no notice.</param>
/// <param name="Name">What happened.</param>
/// <param name="Uri">The notice's URI.</param>
/// <param name="Entry">The notice as it is now; <see langword="null"/> when it is there no more.</param>
internal sealed record FirehoseEvent(ChangePlace Place, string Name, NoticeUri Uri, TimelineEntry? Entry)
{
    public static FirehoseEvent Of(TimelineEntry entry) => new(new ChangePlace(entry.Position, default), "notice", entry.Notice.Uri, entry);

    public static FirehoseEvent Of(NoticeChange change) => new(change.Place, change.Entry is null ? "delete" : "update", change.Uri, change.Entry);
}
