namespace Microblog.Storage;

/// <summary>Lists of notices, newest first, each only what its viewer may see (<see cref="INoticeReader.FindAsync(NoticeId, ProfileId, CancellationToken)"/>).</summary>
/// <remarks>
/// <para>Whom the viewer has muted is not in the lists of many people's notices: home, public, mentions, tags, groups. (<see cref="ISubscriptionStore.MuteAsync"/>)</para>
/// <para>A page costs the same whatever the number of subscriptions and of notices.</para>
/// <para>Whoever goes on in home or mentions from <see cref="EntryPage.Next"/>, whichever page they began with, misses no entry, also
/// none that comes late (<see cref="TimelinePosition"/>). They may meet one again that stood on a newest page, or that a proof moved up. The
/// other lists stand by the notices' numbers: what a viewer may see later than newer notices appears in them further back.</para>
/// </remarks>
public interface ITimelineReader
{
    /// <summary>How many of a person's newest notices <see cref="LatestAsync"/> looks at, at least.</summary>
    const int LatestLooked = 100;

    /// <summary>What a local person hears: own notices, those of the people subscribed to and of the groups they are in, and what is addressed to them.</summary>
    ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The public notices of this node's people.</summary>
    ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>One person's notices. For a remote person, those that the viewer received.</summary>
    ValueTask<EntryPage> ProfileAsync(ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Of each of several people the newest notice that stands in <see cref="ProfileAsync"/>, direct ones aside.</summary>
    /// <param name="authors">As many as a page shows, each once.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Who is missing has written none that the viewer may see, or <see cref="LatestLooked"/> newer ones that they may not.</returns>
    ValueTask<IReadOnlyDictionary<ProfileId, TimelineEntry>> LatestAsync(
        IReadOnlyCollection<ProfileId> authors, ProfileId viewer, CancellationToken cancellationToken);

    /// <summary>Notices that mention a local person.</summary>
    ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken);

    /// <summary>A conversation.</summary>
    ValueTask<EntryPage> ConversationAsync(NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Public notices with a hash tag.</summary>
    /// <param name="tag">Folded, without the sign.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<EntryPage> TagAsync(string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The notices that went to a group and were not taken out of it.</summary>
    ValueTask<EntryPage> GroupAsync(GroupId group, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>A person's favourites, the last marked first.</summary>
    ValueTask<EntryPage> FavouritesAsync(ProfileId person, ProfileId viewer, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The direct notices that a local person wrote or was sent.</summary>
    ValueTask<EntryPage> DirectAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken);
}
