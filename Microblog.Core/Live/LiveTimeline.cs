using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Live;

/// <summary>The readers of one list, so that it is read and rendered once for all of them.</summary>
/// <param name="List">What they look at.</param>
/// <param name="Frame">Who they are.</param>
/// <param name="Readers">As they were before the read.</param>
internal sealed record LiveTimeline(LiveList List, PageFrame Frame, IReadOnlyList<LiveReader> Readers)
{
    // What has come since the last look, as a rule; what a browser that was away for a while missed.
    private const int FewItems = 10;

    /// <summary>Reads the newest page, far enough back for all of them if it can be.</summary>
    /// <remarks>Not forward from where they are: a newest page has what other processes wrote a moment ago, which a page forward leaves
    /// out until nothing lower can come (<see cref="PageRequest.NewerThan"/>).</remarks>
    public async ValueTask<LivePage> ReadAsync(IReadSession session, CancellationToken cancellationToken)
    {
        var from = Readers.Min(reader => reader.Position);
        var page = await List.ReadAsync(session, FewItems, cancellationToken).ConfigureAwait(false);
        if (!page.ReachesBackTo(from))
            page = await List.ReadAsync(session, PageRequest.MaxCount, cancellationToken).ConfigureAwait(false);
        TimelineEntry[] lacking = [.. page.Items.Where(IsLacking).Select(item => item.Notice).OfType<TimelineEntry>()];
        return lacking.Length == 0 ? page : page with
        {
            Reactions = await TimelineSlice.ReactionsAsync(session, List.Viewer, lacking, cancellationToken).ConfigureAwait(false),
            AdministeredGroup = await List.FindAdministeredAsync(session, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Sends each reader what it lacks, in order.</summary>
    public async ValueTask TellAsync(LivePage page, LiveEvents events, CancellationToken cancellationToken)
    {
        foreach (var reader in Readers.Where(reader => !page.ReachesBackTo(reader.Position)))
        {
            reader.Send(LiveEvents.Reload(page.Next));
            reader.MoveTo(page.Next);
        }

        foreach (var item in page.Items.Reverse())
        {
            LiveReader[] lacking = [.. Readers.Where(reader => reader.Lacks(item.Position))];
            if (lacking.Length == 0)
                continue;
            // Whoever comes again with this id has had all that can stand before it.
            var id = item.Position < page.Next ? item.Position : page.Next;
            var text = await events.WriteAsync(item, id, this, page, cancellationToken).ConfigureAwait(false);
            foreach (var reader in lacking)
                reader.Send(item.Position, text);
        }

        foreach (var reader in Readers)
            reader.MoveTo(page.Next);
    }

    private bool IsLacking(LiveItem item) => Readers.Any(reader => reader.Lacks(item.Position));
}
