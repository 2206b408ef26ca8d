namespace Microblog.Storage;

/// <summary>Reads who marked and who passed on which notice.</summary>
public interface IReactionReader
{
    /// <summary>Which of some notices a person has marked as favourites, and which passed on.</summary>
    /// <param name="person">A local person.</param>
    /// <param name="notices">At most <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>One for each notice that the person did either to.</returns>
    ValueTask<IReadOnlyList<Reaction>> ListAsync(ProfileId person, IReadOnlyList<NoticeId> notices, CancellationToken cancellationToken);

    /// <summary>Who marked a notice as a favourite, the last first, without those who have left.</summary>
    /// <param name="notice">Which notice. Whether the reader may see it is the caller's question.</param>
    /// <param name="viewer">Who looks: those who block the viewer, or whom the viewer blocks, are not there.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Profile>> ListFavouritersAsync(NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken);

    /// <summary>Who passed a notice on, the last first.</summary>
    /// <inheritdoc cref="ListFavouritersAsync"/>
    ValueTask<IReadOnlyList<Profile>> ListRepeatersAsync(NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken);
}

/// <summary>Writes favourites. A repeat is a notice: <see cref="INoticeStore.PublishAsync"/> with <see cref="Notice.RepeatOf"/>.</summary>
public interface IReactionStore : IReactionReader
{
    /// <summary>Marks a notice as a favourite of a person, and counts it.</summary>
    /// <param name="person">A local person who may see the notice.</param>
    /// <param name="notice">Which notice.</param>
    /// <param name="position">Where it stands among the person's favourites: drawn for this, used for no other.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether it was none before.</returns>
    ValueTask<bool> FavouriteAsync(ProfileId person, NoticeId notice, TimelinePosition position, CancellationToken cancellationToken);

    /// <summary>Takes the mark back, and with it the notification of the author.</summary>
    /// <returns>Whether it was one.</returns>
    ValueTask<bool> UnfavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken);
}

/// <summary>What a person did to a notice.</summary>
/// <param name="Notice">Which notice.</param>
/// <param name="IsFavourite">Whether it is a favourite of the person.</param>
/// <param name="Repeat">The notice by which the person passed it on; none when they did not.</param>
public sealed record Reaction(NoticeId Notice, bool IsFavourite, NoticeId Repeat);
