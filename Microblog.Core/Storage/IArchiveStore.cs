namespace Microblog.Storage;

/// <summary>Reads all that belongs to one person, page by page, for an archive.</summary>
public interface IArchiveReader
{
    /// <summary>The notices that a local person wrote, whoever may see them, oldest first; deleted ones are not there.</summary>
    /// <param name="author">Who wrote them.</param>
    /// <param name="after">Only those with a higher number; none for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count, CancellationToken cancellationToken);

    /// <summary>The notice of this number, whoever may see it; <see langword="null"/> when there is none, or it is deleted.</summary>
    ValueTask<Notice?> FindNoticeAsync(NoticeId id, CancellationToken cancellationToken);

    /// <summary>Whom a person hears, with the publisher's profile, in the order of the subscriptions' numbers.</summary>
    /// <param name="subscriber">Who hears.</param>
    /// <param name="state">In which state.</param>
    /// <param name="after">Only those with a higher number; none for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken);

    /// <summary>Who hears a person, with the subscriber's profile, in the order of the subscriptions' numbers.</summary>
    /// <inheritdoc cref="ListPublishersAsync"/>
    ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken);

    /// <summary>Whom a person blocks, in the order of the identifiers' UTF-8 bytes.</summary>
    /// <param name="blocker">Who blocks.</param>
    /// <param name="after">Only identifiers behind this text; empty for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Block>> ListBlocksAsync(ProfileId blocker, string after, int count, CancellationToken cancellationToken);

    /// <summary>Whom a person mutes, in the order of the identifiers' UTF-8 bytes; without mutes that are over.</summary>
    /// <param name="muter">Who does not want to hear.</param>
    /// <param name="after">Only identifiers behind this text; empty for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, string after, int count, CancellationToken cancellationToken);

    /// <summary>A person's favourites, whoever may see them, the first marked first; also those of notices that are not here
    /// (<see cref="IArchiveStore.AddFavouriteAsync"/>).</summary>
    /// <param name="person">Whose.</param>
    /// <param name="after">Only those that stand behind it; none for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Favourite>> ListFavouritesAsync(ProfileId person, TimelinePosition after, int count, CancellationToken cancellationToken);
}

/// <summary>Stores a person who comes with an archive.</summary>
/// <remarks>
/// What is added here belongs to a number under which there is no profile yet. Until <see cref="IProfileStore.AddLocalAsync"/> stores one,
/// which is the last step, no list and no look-up by <see cref="INoticeReader.FindAsync(NoticeId, ProfileId, CancellationToken)"/> shows any
/// of it, so that an import may take many transactions and nobody sees half a person.
/// </remarks>
public interface IArchiveStore : IArchiveReader
{
    /// <summary>Adds a notice with its number or, where that is taken, the first free one of the same millisecond. It stands in its author's
    /// own home timeline, its audience may see it, and nobody hears of it: no follower, nobody mentioned, no other service.</summary>
    /// <param name="notice">A notice without conversation, or whose conversation is itself, begins one under the number that it gets.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>The number that it has now; none, and nothing changed, when a local or proven notice has, or had, its URI, or when all
    /// <see cref="IdSource.PerMillisecond"/> numbers are taken.</returns>
    ValueTask<NoticeId> AddNoticeAsync(Notice notice, CancellationToken cancellationToken);

    /// <summary>Adds what a notice said before it was changed, behind what was added of it before.</summary>
    ValueTask AddRevisionAsync(NoticeId notice, NoticeRevision revision, CancellationToken cancellationToken);

    /// <summary>Adds a favourite at the first place of its millisecond behind the person's others. The author of the notice is not told.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="uri">Of which notice.</param>
    /// <param name="at">Since when.</param>
    /// <param name="notice">Its number here, under which it is counted; with none the person's archive alone remembers it, until they mark such a notice anew.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there was room: not when <see cref="IdSource.PerMillisecond"/> stand there. One that is there already stays where it was.</returns>
    ValueTask<bool> AddFavouriteAsync(ProfileId person, NoticeUri uri, DateTimeOffset at, NoticeId notice, CancellationToken cancellationToken);

    /// <summary>Adds a subscription as <see cref="SubscriptionState.Imported"/>.</summary>
    /// <param name="subscription">Of its two people the other one has to be stored before. Endpoints, token and secret are left out.</param>
    /// <param name="publisher">The publisher's identifier.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask AddSubscriptionAsync(Subscription subscription, ProfileUri publisher, CancellationToken cancellationToken);

    /// <summary>Takes back, for good, what was added under a number that has no profile: an import that did not come to its end. Does
    /// nothing when there is a profile.</summary>
    /// <param name="person">The number.</param>
    /// <param name="scope">In which scope the import stored other people; theirs go too.</param>
    /// <param name="count">At most so many notices, subscriptions and favourites in one turn.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there is more to do.</returns>
    ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken);
}

/// <summary>That a person blocks somebody.</summary>
/// <param name="Blocked">Who is blocked.</param>
/// <param name="At">Since when.</param>
public sealed record Block(ProfileUri Blocked, DateTimeOffset At);

/// <summary>That a notice is a favourite of somebody.</summary>
/// <param name="Notice">Which notice.</param>
/// <param name="Position">Where it stands among the person's favourites, and by that since when.</param>
public sealed record Favourite(NoticeUri Notice, TimelinePosition Position);
