namespace Microblog.Storage.Postgres;

internal sealed class PostgresInvitations(PostgresSession session) : IInvitationStore
{
    private const string Select = "SELECT key, inviter, created_at, expires_at, max_uses, uses, is_mutual FROM microblog.invitation ";

    public ValueTask<Invitation?> FindAsync(string key, CancellationToken cancellationToken) =>
        session.Sql(Select + "WHERE key = $1" + session.Lock).Bind(key).FindAsync(static row => Read(row));

    public async ValueTask<IReadOnlyList<Invitation>> ListAsync(ProfileId inviter, int count, CancellationToken cancellationToken) =>
        await session.Sql(Select + "WHERE inviter = $1 ORDER BY created_at DESC, key DESC LIMIT $2").Bind(inviter.Value).Bind(count)
            .ListAsync(static row => Read(row)).ConfigureAwait(false);

    public ValueTask AddAsync(Invitation invitation, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.invitation (key, inviter, created_at, expires_at, max_uses, uses, is_mutual)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """)
            .Bind(invitation.Key).Bind(invitation.Inviter.Value).Bind(invitation.CreatedAt).Bind(invitation.ExpiresAt)
            .Bind(invitation.MaxUses).Bind(invitation.Uses).Bind(invitation.FollowsBack).Later();
        return ValueTask.CompletedTask;
    }

    public ValueTask CountUseAsync(string key, CancellationToken cancellationToken)
    {
        session.Sql("UPDATE microblog.invitation SET uses = uses + 1 WHERE key = $1").Bind(key).Later();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> RemoveAsync(string key, ProfileId inviter, CancellationToken cancellationToken) =>
        await session.Sql("DELETE FROM microblog.invitation WHERE key = $1 AND inviter = $2").Bind(key).Bind(inviter.Value).RunAsync().ConfigureAwait(false) > 0;

    public ValueTask RemoveExpiredAsync(ProfileId inviter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        session.Sql("DELETE FROM microblog.invitation WHERE inviter = $1 AND expires_at <= $2").Bind(inviter.Value).Bind(now).Later();
        return ValueTask.CompletedTask;
    }

    public void RemoveAllLater(ProfileId inviter) => session.Sql("DELETE FROM microblog.invitation WHERE inviter = $1").Bind(inviter.Value).Later();

    private static Invitation Read(PostgresRow row) => new()
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
