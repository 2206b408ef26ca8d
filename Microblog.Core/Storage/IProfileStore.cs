namespace Microblog.Storage;

/// <summary>Reads people.</summary>
public interface IProfileReader
{
    /// <summary>The profile with this number, deleted ones included; <see langword="null"/> when there is none.</summary>
    ValueTask<Profile?> FindAsync(ProfileId id, CancellationToken cancellationToken);

    /// <summary>The local profile of this nickname, deleted ones included, for their nickname stays taken (OMB-12).</summary>
    /// <param name="nickname">As stored: lower case.</param>
    ValueTask<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken);

    /// <summary>The profile of the host's user with this subject, unless deleted.</summary>
    ValueTask<Profile?> FindBySubjectAsync(string subject, CancellationToken cancellationToken);

    /// <summary>The profile with this identifier, byte for byte, as <paramref name="scope"/> brought it; none for a local or proven one.</summary>
    ValueTask<Profile?> FindAsync(ProfileUri uri, SubscriptionId scope, CancellationToken cancellationToken);

    /// <summary>The local and proven profiles with these identifiers, in their order, without those of whom nobody sees anything: suspended, of a
    /// blocked domain, or gone.</summary>
    /// <param name="people">Any number, each once.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Profile>> ListAsync(IReadOnlyCollection<ProfileUri> people, CancellationToken cancellationToken);

    /// <summary>Local people, newest first, without those who are gone or suspended.</summary>
    /// <param name="before">Only those with a lower number; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    ValueTask<IReadOnlyList<Profile>> ListLocalAsync(ProfileId? before, int count, CancellationToken cancellationToken);

    /// <summary>What is counted of a person of this node; all zero for everybody else, and for who has left once nothing is left of them.</summary>
    /// <remarks>Kept in the transaction of its cause and never counted anew, so that it costs one look-up. It lies apart from the profile: that is
    /// read with every notice of a list, which shows no numbers, and locked by whoever has to do with the person, while this changes with every
    /// notice they write. Whoever an operator suspended is counted all the same, for that may be taken back.</remarks>
    ValueTask<ProfileCounts> CountAsync(ProfileId person, CancellationToken cancellationToken);

    /// <summary>What is counted of several people, as <see cref="CountAsync(ProfileId, CancellationToken)"/> says it of each.</summary>
    /// <param name="people">As many as a page shows.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Who is missing has nothing that is counted.</returns>
    ValueTask<IReadOnlyDictionary<ProfileId, ProfileCounts>> CountAsync(IReadOnlyCollection<ProfileId> people, CancellationToken cancellationToken);
}

/// <summary>Writes people.</summary>
public interface IProfileStore : IProfileReader
{
    /// <summary>Adds a person of this node for a user of the host.</summary>
    ValueTask<AddProfileResult> AddLocalAsync(Profile profile, string subject, CancellationToken cancellationToken);

    /// <summary>Adds a remote person, or replaces what is stored under the same identifier and scope except the number.</summary>
    /// <returns>The number under which it is stored now.</returns>
    ValueTask<ProfileId> SaveRemoteAsync(Profile profile, CancellationToken cancellationToken);

    /// <summary>Replaces a profile's fields, all but number, identifier, nickname's ownership and scope.</summary>
    /// <returns>Whether the profile was there.</returns>
    ValueTask<bool> UpdateAsync(Profile profile, CancellationToken cancellationToken);

    /// <summary>Marks a local person as gone and frees the host's user to begin anew under another nickname, unless the person is suspended: then
    /// only once an operator takes that back. Blanks all text fields but the nickname. Their subscriptions are ended by
    /// <see cref="ISubscriptionStore.EndAllAsync"/>; their attachments go, from their notices too, and so do their invitations and
    /// credentials.</summary>
    /// <remarks>From then on nobody sees anything of theirs. What they wrote and did is deleted by <see cref="INoticeStore.ContinueAsync"/>: notices
    /// become tombstones, favourites are taken back, and of the rest nothing stays but the nickname, the emptied profile, and subscriptions
    /// with other services, whose pushes have to be answered rightly (OMB-57). What others wrote or noted about them stays.</remarks>
    ValueTask DeleteLocalAsync(ProfileId id, CancellationToken cancellationToken);
}

/// <summary>What became of a new local profile.</summary>
public enum AddProfileResult
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>Somebody has, or had, the nickname. Nothing changed.</summary>
    NicknameTaken,

    /// <summary>The host's user has a profile already. Nothing changed.</summary>
    SubjectHasProfile,
}
