namespace Microblog.Storage;

/// <summary>Reads invitations.</summary>
public interface IInvitationReader
{
    /// <summary>The invitation of this key, expired and used-up ones too; <see langword="null"/> when there is none, or it was taken back.</summary>
    ValueTask<Invitation?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>A person's invitations, newest first, expired and used-up ones too.</summary>
    /// <param name="inviter">Whose.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Invitation>> ListAsync(ProfileId inviter, int count, CancellationToken cancellationToken);
}

/// <summary>Writes them.</summary>
/// <remarks>Those of a person who leaves go with them (<see cref="IProfileStore.DeleteLocalAsync"/>).</remarks>
public interface IInvitationStore : IInvitationReader
{
    /// <summary>Adds one under a new key.</summary>
    ValueTask AddAsync(Invitation invitation, CancellationToken cancellationToken);

    /// <summary>Counts somebody who joins. Whether they still may, the caller has found out in the same transaction.</summary>
    ValueTask CountUseAsync(string key, CancellationToken cancellationToken);

    /// <summary>Takes one back.</summary>
    /// <returns>Whether the person had such an invitation.</returns>
    ValueTask<bool> RemoveAsync(string key, ProfileId inviter, CancellationToken cancellationToken);

    /// <summary>Removes a person's invitations that expired at a moment or before.</summary>
    ValueTask RemoveExpiredAsync(ProfileId inviter, DateTimeOffset now, CancellationToken cancellationToken);
}
