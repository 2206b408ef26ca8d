using System.Runtime.InteropServices;

namespace Microblog.Storage;

/// <summary>Reads single notices.</summary>
public interface INoticeReader
{
    /// <summary>The notice and its author as <paramref name="viewer"/> knows them; <see langword="null"/> when there is none that the viewer may see.</summary>
    /// <param name="id">The number.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>The rule, alike in every list: a local public or unlisted notice is for everybody, unless it is
    /// local-only: then for everybody who has a profile here (OMB-137); a followers-only one for its author
    /// and active local followers; a direct one for its author and audience; a proven remote public one for everybody; an unproven
    /// remote one only for those in whose home timeline it stands (OMB-65). A viewer never sees a deleted notice, nor one whose author
    /// the viewer blocks or is blocked by. A repeat is seen only while what it repeats is not deleted, and nobody of the three blocks another.</remarks>
    ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken);

    /// <summary>Those of the numbered notices that <paramref name="viewer"/> may see, each once and as
    /// <see cref="FindAsync(NoticeId, ProfileId, CancellationToken)"/> finds it, oldest first.</summary>
    /// <param name="ids">At most <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="viewer">Who looks; none for the public.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyCollection<NoticeId> ids, ProfileId viewer, CancellationToken cancellationToken);

    /// <summary>Whether there was a notice of this number for everybody to see, which has been deleted.</summary>
    /// <remarks>Tells what a stranger may know: of one that was public or unlisted, not local-only, and written here or proven (OMB-65), whatever
    /// became of its author. Of any other it says what it says of a number that was never used, so that nobody learns of a letter.
    /// What somebody who left wrote is deleted step by step (<see cref="INoticeStore.ContinueAsync"/>), and a repeat not with what it repeats.</remarks>
    ValueTask<bool> IsDeletedAsync(NoticeId id, CancellationToken cancellationToken);

    /// <summary>Whether somebody of this node said exactly this just now: among their three newest notices, other than in a letter, and without having
    /// deleted it.</summary>
    /// <param name="author">Who wrote it.</param>
    /// <param name="content">The text.</param>
    /// <param name="since">Only what stands behind this counts.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<bool> HasSaidAsync(ProfileId author, string content, TimelinePosition since, CancellationToken cancellationToken);

    /// <summary>What a notice said before it was changed, the oldest first. Whether the reader may see the notice is the caller's question.</summary>
    ValueTask<IReadOnlyList<NoticeRevision>> ListRevisionsAsync(NoticeId id, CancellationToken cancellationToken);

    /// <summary>What became of the public notices of this node after they were published, the earliest change first: each notice that was changed or deleted, once,
    /// where it was last. A repeat is deleted with what it repeats.</summary>
    /// <param name="after">Behind which; none for the first page.</param>
    /// <param name="count">At most so many, up to <see cref="PageRequest.MaxCount"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>Never of a notice that was not for everybody, nor of one from elsewhere. Ends below <see cref="IdSource.Horizon"/>, so whoever goes on
    /// behind the last one misses none, and meets one again that was changed again. Nothing is forgotten: a deleted notice keeps its row,
    /// because its URI stays taken, and that says where it was deleted. Whom an operator treats otherwise changes nothing here.</remarks>
    ValueTask<IReadOnlyList<NoticeChange>> ListChangesAsync(ChangePlace after, int count, CancellationToken cancellationToken);

    /// <summary>The notices with this URI, byte for byte: at most one is local or proven, the others are kept apart by scope (OMB-56).</summary>
    ValueTask<IReadOnlyList<Notice>> FindAsync(NoticeUri uri, CancellationToken cancellationToken);

    /// <summary>Those of the numbered notices that people of this node wrote and did not delete, whoever may see them, oldest first.</summary>
    ValueTask<IReadOnlyList<Notice>> ListLocalAsync(IReadOnlyCollection<NoticeId> ids, CancellationToken cancellationToken);
}

/// <summary>Writes notices.</summary>
public interface INoticeStore : INoticeReader
{
    /// <summary>Adds a notice of this node: the notice, the author's own home entry, those of mentioned and addressed local people,
    /// those of the first local followers and members of its groups, and jobs for the rest. Counts it where it answers or repeats.</summary>
    /// <returns>Whether it is there; not, and nothing has changed, when the author repeats this notice already: each person does it once.</returns>
    /// <remarks>Direct notices go to author and audience only. Local followers beyond the first 200 are reached by <see cref="ContinueAsync"/>.
    /// Of <see cref="Notice.Groups"/> it goes to those of which its author is a member.
    /// The event for remote subscribers is the caller's: <see cref="IDeliveryStore.EnqueueAsync"/>.</remarks>
    /// <exception cref="StoreException">The number or the URI is taken: the caller drew or made it twice.</exception>
    ValueTask<bool> PublishAsync(Notice notice, CancellationToken cancellationToken);

    /// <summary>Changes a local notice: text, language, warning, sensitivity, mentions and tags. Its groups stay as they are. What it said before stays as a revision.</summary>
    /// <param name="notice">As it shall be, with the same number; its <see cref="Notice.EditedAt"/> says when.</param>
    /// <param name="position">Where the change stands, and those whom it mentions only now: drawn for this, used for no other, and open until the
    /// transaction has ended.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there is such a local notice, and it says something else now.</returns>
    ValueTask<bool> EditAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken);

    /// <summary>Stores remote notices, each for the one listener whose subscription brought it.</summary>
    /// <returns>What became of each, in their order and as if they had come in it, one after the other.</returns>
    ValueTask<IReadOnlyList<ReceiveResult>> ReceiveAsync(IReadOnlyList<ReceivedNotice> notices, CancellationToken cancellationToken);

    /// <summary>Takes up the oldest jobs: local followers or members of a group that <see cref="PublishAsync"/> left, lanes that
    /// <see cref="IDeliveryStore.EnqueueAsync"/> left, what a person left behind (<see cref="IProfileStore.DeleteLocalAsync"/>), or subscriptions
    /// with hosts that are blocked now (<see cref="IModerationStore.SetDomainAsync"/>).</summary>
    /// <param name="count">At most so many rows, so that nobody else's write waits long.</param>
    /// <param name="position">Where the home entries and the deletions stand: drawn for this step, used for no other, and open until it has ended.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there is more to do.</returns>
    /// <remarks>Lanes of many authors, but the followers, or the members of one group, of one notice only, because two cannot stand at one position of the same person.</remarks>
    ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken);

    /// <summary>Deletes a notice and its event, so that no list shows it, no group counts it, and what is unsent stays unsent. Its URI stays taken.</summary>
    /// <param name="id">Which notice.</param>
    /// <param name="position">Where the deletion stands, also that of its repeats (<see cref="INoticeReader.ListChangesAsync"/>): drawn for this, and open
    /// until the transaction has ended.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> DeleteAsync(NoticeId id, TimelinePosition position, CancellationToken cancellationToken);

    /// <summary>Records what was recovered from a remote notice's machine form: the reply reference, and whether the notice is proven.</summary>
    /// <remarks>A proven notice stands for all: its scope is cleared; others of the same URI are removed and their readers get this one,
    /// where theirs stood, unless its number is higher: then there.
    /// From then on it belongs to the author's proven profile, which has to be saved before: without one it stays unproven, because
    /// everybody would see what only one subscription says about the author (OMB-65). Does nothing when the notice is gone.</remarks>
    ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken);
}

/// <summary>A remote notice and who is to have it.</summary>
/// <param name="Notice">Its <see cref="Notice.Scope"/> is the subscription, its author the profile in that scope.</param>
/// <param name="Listener">In whose home timeline it goes, at its number, even where an older copy serves: it arrives now.</param>
public sealed record ReceivedNotice(Notice Notice, ProfileId Listener);

/// <summary>What became of a remote notice.</summary>
public enum ReceiveResult
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>This subscription brought the URI before: the first stays (OMB-55).</summary>
    Duplicate,

    /// <summary>Another subscription brought the very same notice of the same author: one copy serves both (OMB-55).</summary>
    Shared,
}

/// <summary>A notice in a list, with its author as the reader knows them.</summary>
/// <param name="Notice">The notice.</param>
/// <param name="Author">The author as the reader knows them.</param>
/// <param name="Position">Where it stands; outside a list its number.</param>
public sealed record TimelineEntry(Notice Notice, Profile Author, TimelinePosition Position)
{
    /// <summary>What the notice repeats; <see langword="null"/> when it repeats nothing, or nothing that the reader may see: then its own text says it.</summary>
    public TimelineEntry? Repeated { get; init; }
}

/// <summary>That a public notice was changed or deleted.</summary>
/// <param name="Place">Where that stands.</param>
/// <param name="Uri">The notice's URI.</param>
/// <param name="Entry">The notice as it stands in the public timeline now; <see langword="null"/> when it no longer does: because it was deleted, or
/// because of how an operator treats its author.</param>
public sealed record NoticeChange(ChangePlace Place, NoticeUri Uri, TimelineEntry? Entry);

/// <summary>Where a change of a notice stands. Several that are made together share a position, and stand in the order of their numbers.</summary>
/// <param name="Position">When it was changed.</param>
/// <param name="Notice">Which notice.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ChangePlace(TimelinePosition Position, NoticeId Notice);

/// <summary>What a notice said for a time.</summary>
/// <param name="Until">When it was changed.</param>
/// <param name="Content">The text.</param>
/// <param name="Language">Its language; empty when not said.</param>
/// <param name="Warning">What stood in front of it; empty when nothing did.</param>
public sealed record NoticeRevision(DateTimeOffset Until, string Content, string Language, string Warning);
