namespace Microblog.Storage;

/// <summary>Reads what is known of pictures.</summary>
public interface IAttachmentReader
{
    /// <summary>How many bytes a picture counts for at least, however small it is: its row takes room too.</summary>
    const int LeastCharge = 4 * 1024;

    /// <summary>The attachment, whoever may see it; <see langword="null"/> when there is none.</summary>
    ValueTask<StoredAttachment?> FindAsync(AttachmentId id, CancellationToken cancellationToken);

    /// <summary>How many bytes a person's attachments count for, those of no notice too.</summary>
    ValueTask<long> MeasureAsync(ProfileId owner, CancellationToken cancellationToken);

    /// <summary>Which of these keys attachments name, in any order.</summary>
    ValueTask<IReadOnlyList<BlobKey>> FindNamedAsync(IReadOnlyList<BlobKey> keys, CancellationToken cancellationToken);
}

/// <summary>Writes it.</summary>
/// <remarks>A notice that is deleted takes its attachments with it, and a person who leaves all of theirs.</remarks>
public interface IAttachmentStore : IAttachmentReader
{
    /// <summary>Adds an upload that belongs to no notice yet. Its bytes have to be kept before.</summary>
    ValueTask AddAsync(Attachment attachment, ProfileId owner, CancellationToken cancellationToken);

    /// <summary>Changes the description of an upload that belongs to no notice yet.</summary>
    /// <returns>Whether the person has such an upload.</returns>
    ValueTask<bool> DescribeAsync(AttachmentId id, ProfileId owner, string description, CancellationToken cancellationToken);

    /// <summary>Says that uploads belong to a notice from now on: all of them, or none.</summary>
    /// <param name="ids">Each once.</param>
    /// <param name="owner">Whose they have to be.</param>
    /// <param name="notice">The notice, which carries what it shows of them in its own row.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether all were there, the person's own, and part of no notice.</returns>
    ValueTask<bool> AttachAsync(IReadOnlyList<AttachmentId> ids, ProfileId owner, NoticeId notice, CancellationToken cancellationToken);

    /// <summary>Removes an upload that belongs to no notice.</summary>
    /// <returns>Whether the person had such an upload.</returns>
    ValueTask<bool> RemoveAsync(AttachmentId id, ProfileId owner, CancellationToken cancellationToken);

    /// <summary>Removes uploads from before a moment that belong to no notice, oldest first.</summary>
    /// <returns>How many went; fewer than <paramref name="count"/> when none is left.</returns>
    ValueTask<int> PruneAsync(DateTimeOffset before, int count, CancellationToken cancellationToken);
}

/// <summary>An attachment as it is stored.</summary>
/// <param name="Attachment">The attachment. Once it belongs to a notice, that one has the words that count.</param>
/// <param name="Owner">Who uploaded it.</param>
/// <param name="Notice">The notice that it belongs to; none yet for a mere upload.</param>
public sealed record StoredAttachment(Attachment Attachment, ProfileId Owner, NoticeId Notice);
