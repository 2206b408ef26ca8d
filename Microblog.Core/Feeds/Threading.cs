using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>What a reader is told of the notices that others answer.</summary>
public static class Threading
{
    /// <summary>The same notices, saying what they answer only where the reader may see that or it was written elsewhere.</summary>
    /// <param name="session">The snapshot that they are from.</param>
    /// <param name="addresses">Knows which addresses are this node's.</param>
    /// <param name="reader">Who reads; none for the public.</param>
    /// <param name="entries">In any order, which is kept.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>The address of a notice of this node holds its number, and its author may have shown it to few. What other services published has
    /// an address that they tell everybody, whatever is known of it here.</remarks>
    public static async ValueTask<IReadOnlyList<TimelineEntry>> ShowAsync(
        IReadSession session, NodeAddresses addresses, ProfileId reader, IReadOnlyList<TimelineEntry> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.All(entry => entry.Notice.ReplyToUri.Length == 0))
            return entries;
        var unseen = entries.Select(entry => entry.Notice.ReplyTo).Where(id => !id.IsNone).ToHashSet();
        foreach (var some in unseen.Chunk(PageRequest.MaxCount))
            unseen.ExceptWith((await session.Notices.ListAsync(some, reader, cancellationToken).ConfigureAwait(false)).Select(entry => entry.Notice.Id));
        var hidden = new HashSet<NoticeId>();
        foreach (var some in unseen.Chunk(PageRequest.MaxCount))
            hidden.UnionWith((await session.Notices.ListLocalAsync(some, cancellationToken).ConfigureAwait(false)).Select(notice => notice.Id));
        return [.. entries.Select(entry => IsTold(entry.Notice) ? entry : entry with { Notice = entry.Notice with { ReplyTo = default, ReplyToUri = "" } })];

        // By the address too, for deleted ones are not listed, and by the list, for what somebody brought along keeps its old address.
        bool IsTold(Notice notice) =>
            notice.ReplyToUri.Length == 0 || (!notice.ReplyTo.IsNone && !unseen.Contains(notice.ReplyTo))
            || (!hidden.Contains(notice.ReplyTo) && !addresses.IsOwn(notice.ReplyToUri));
    }
}
