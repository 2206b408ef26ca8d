using System.Collections.Immutable;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryInvitations(InMemorySession session) : IInvitationStore
{
    public ValueTask<Invitation?> FindAsync(string key, CancellationToken cancellationToken) => new(All.GetValueOrDefault(key));

    public ValueTask<IReadOnlyList<Invitation>> ListAsync(ProfileId inviter, int count, CancellationToken cancellationToken) =>
        new(All.Values.Where(invitation => invitation.Inviter == inviter)
            .OrderByDescending(invitation => invitation.CreatedAt).ThenByDescending(invitation => invitation.Key, StringComparer.Ordinal).Take(count).ToList());

    public ValueTask AddAsync(Invitation invitation, CancellationToken cancellationToken)
    {
        if (All.ContainsKey(invitation.Key))
            throw new StoreException("The key of this invitation is taken.");
        All = All.Add(invitation.Key, invitation);
        return ValueTask.CompletedTask;
    }

    public ValueTask CountUseAsync(string key, CancellationToken cancellationToken)
    {
        if (All.GetValueOrDefault(key) is { } invitation)
            All = All.SetItem(key, invitation with { Uses = invitation.Uses + 1 });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(string key, ProfileId inviter, CancellationToken cancellationToken)
    {
        if (All.GetValueOrDefault(key) is not { } invitation || invitation.Inviter != inviter)
            return new(false);
        All = All.Remove(key);
        return new(true);
    }

    public ValueTask RemoveExpiredAsync(ProfileId inviter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        RemoveWhere(invitation => invitation.Inviter == inviter && invitation.ExpiresAt <= now);
        return ValueTask.CompletedTask;
    }

    public void RemoveAll(ProfileId inviter) => RemoveWhere(invitation => invitation.Inviter == inviter);

    private ImmutableDictionary<string, Invitation> All
    {
        get => session.State.Invitations;
        set => session.State = session.State with { Invitations = value };
    }

    private void RemoveWhere(Func<Invitation, bool> isGone) => All = All.RemoveRange(All.Values.Where(isGone).Select(invitation => invitation.Key));
}
