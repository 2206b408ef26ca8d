using Microblog.Media;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteAvatars(SqliteSession session) : IAvatarStore
{
    public ValueTask<Avatar?> FindAsync(ProfileId id, CancellationToken cancellationToken)
    {
        using var row = session.Use("SELECT content FROM microblog_avatar WHERE profile = ?1").Bind(1, id.Value);
        return new(row.Step() && Avatar.Of(row.Blob(0)).IsDone(out var avatar, out _) ? avatar : null);
    }

    public ValueTask SetAsync(ProfileId id, Avatar? avatar, CancellationToken cancellationToken)
    {
        if (avatar is null)
            session.Use("DELETE FROM microblog_avatar WHERE profile = ?1").Bind(1, id.Value).Run();
        else
            session.Use("INSERT OR REPLACE INTO microblog_avatar (profile, content) VALUES (?1, ?2)").Bind(1, id.Value).Bind(2, avatar.Content.Span).Run();
        return ValueTask.CompletedTask;
    }
}
