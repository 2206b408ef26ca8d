namespace Microblog.Storage.Sqlite;

internal sealed class SqliteInvitations(SqliteSession session) : IInvitationStore
{
    private const string Select = "SELECT key, inviter, created_at, expires_at, max_uses, uses, is_mutual FROM microblog_invitation ";

    public ValueTask<Invitation?> FindAsync(string key, CancellationToken cancellationToken)
    {
        using var row = session.Use(Select + "WHERE key = ?1").Bind(1, key);
        return new(row.Step() ? Read(row) : null);
    }

    public ValueTask<IReadOnlyList<Invitation>> ListAsync(ProfileId inviter, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(Select + "WHERE inviter = ?1 ORDER BY created_at DESC, key DESC LIMIT ?2").Bind(1, inviter.Value).Bind(2, count);
        var list = new List<Invitation>();
        while (rows.Step())
            list.Add(Read(rows));
        return new(list);
    }

    public ValueTask AddAsync(Invitation invitation, CancellationToken cancellationToken)
    {
        session.Use(
            """
            INSERT INTO microblog_invitation (key, inviter, created_at, expires_at, max_uses, uses, is_mutual)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
            .Bind(1, invitation.Key).Bind(2, invitation.Inviter.Value).Bind(3, invitation.CreatedAt).Bind(4, invitation.ExpiresAt)
            .Bind(5, invitation.MaxUses).Bind(6, invitation.Uses).Bind(7, invitation.FollowsBack).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask CountUseAsync(string key, CancellationToken cancellationToken)
    {
        session.Use("UPDATE microblog_invitation SET uses = uses + 1 WHERE key = ?1").Bind(1, key).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(string key, ProfileId inviter, CancellationToken cancellationToken) =>
        new(session.Use("DELETE FROM microblog_invitation WHERE key = ?1 AND inviter = ?2").Bind(1, key).Bind(2, inviter.Value).Run() > 0);

    public ValueTask RemoveExpiredAsync(ProfileId inviter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        session.Use("DELETE FROM microblog_invitation WHERE inviter = ?1 AND expires_at <= ?2").Bind(1, inviter.Value).Bind(2, now).Run();
        return ValueTask.CompletedTask;
    }

    public void RemoveAll(ProfileId inviter) => session.Use("DELETE FROM microblog_invitation WHERE inviter = ?1").Bind(1, inviter.Value).Run();

    private static Invitation Read(SqliteStatement row) => new()
    {
        Key = row.Text(0),
        Inviter = new ProfileId(row.Int64(1)),
        CreatedAt = row.Time(2),
        ExpiresAt = row.Time(3),
        MaxUses = row.Int32(4),
        Uses = row.Int32(5),
        FollowsBack = row.Bool(6),
    };
}
