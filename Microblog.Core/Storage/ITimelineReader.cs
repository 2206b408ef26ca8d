namespace Microblog.Storage;

/// <summary>Lists of notices, newest first, each only what its viewer may see (<see cref="INoticeReader.FindAsync(NoticeId, ProfileId, CancellationToken)"/>).</summary>
/// <remarks>
/// <para>A page costs the same whatever the number of subscriptions and of notices.</para>
/// <para>Whoever reads home or mentions forward meets every entry, also those that come late (<see cref="TimelinePosition"/>). The
/// other lists stand by the notices' numbers: what a viewer may see later than newer notices appears in them further back.</para>
/// </remarks>
public interface ITimelineReader
{
    /// <summary>What a local person hears: own notices, those of the people subscribed to, and what is addressed to them.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The public notices of this node's people.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>One person's notices. For a remote person, those that the viewer received.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> ProfileAsync(ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Notices that mention a local person.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken);

    /// <summary>A conversation.</summary>
    ValueTask<IReadOnlyList<TimelineEntry>> ConversationAsync(NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Public notices with a hash tag.</summary>
    /// <param name="tag">Folded, without the sign.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<TimelineEntry>> TagAsync(string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);
}
