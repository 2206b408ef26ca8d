using Microblog.Media;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryAvatars(InMemorySession session) : IAvatarStore
{
    public ValueTask<Avatar?> FindAsync(ProfileId id, CancellationToken cancellationToken) => new(session.State.Avatars.GetValueOrDefault(id.Value));

    public ValueTask SetAsync(ProfileId id, Avatar? avatar, CancellationToken cancellationToken)
    {
        var avatars = session.State.Avatars;
        session.State = session.State with { Avatars = avatar is null ? avatars.Remove(id.Value) : avatars.SetItem(id.Value, avatar) };
        return ValueTask.CompletedTask;
    }
}
