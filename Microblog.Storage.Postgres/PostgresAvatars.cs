using Microblog.Media;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresAvatars(PostgresSession session) : IAvatarStore
{
    public ValueTask<Avatar?> FindAsync(ProfileId id, CancellationToken cancellationToken) =>
        session.Sql("SELECT content FROM microblog.avatar WHERE profile = $1").Bind(id.Value)
            .FindAsync(static row => Avatar.Of(row.Blob(0)).IsDone(out var avatar, out _) ? avatar : null);

    public ValueTask SetAsync(ProfileId id, Avatar? avatar, CancellationToken cancellationToken)
    {
        if (avatar is null)
        {
            session.Sql("DELETE FROM microblog.avatar WHERE profile = $1").Bind(id.Value).Later();
        }
        else
        {
            session.Sql("INSERT INTO microblog.avatar (profile, content) VALUES ($1, $2) ON CONFLICT (profile) DO UPDATE SET content = excluded.content")
                .Bind(id.Value).Bind(avatar.Content).Later();
        }

        return ValueTask.CompletedTask;
    }
}
