namespace Microblog.Storage.Postgres;

internal sealed class PostgresNotifications(PostgresSession session) : INotificationStore
{
    public ValueTask<NotificationPage> ListAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        ((PostgresTimelines)session.Timelines).NotificationsAsync(owner, page);

    public async ValueTask<TimelinePosition> FindMarkAsync(ProfileId person, string list, CancellationToken cancellationToken) => new(
        await session.Sql("SELECT position FROM microblog.mark WHERE person = $1 AND list = $2").Bind(person.Value).Bind(list)
            .ScalarAsync().ConfigureAwait(false) ?? 0);

    public ValueTask AddAsync(Notification notification, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.notification (owner, position, kind, actor, notice, subscription) SELECT $1, $2, $3, $4, $5, $6
            WHERE NOT EXISTS (SELECT FROM microblog.notification WHERE notice = $5 AND notice <> 0 AND owner = $1 AND kind = $3 AND actor = $4)
                AND NOT EXISTS (SELECT FROM microblog.notification WHERE subscription = $6 AND subscription <> 0 AND owner = $1 AND kind = $3 AND actor = $4)
            """)
            .Bind(notification.Owner.Value).Bind(notification.Position.Value).Bind((int)notification.Kind)
            .Bind(notification.Actor.Value).Bind(notification.Notice.Value).Bind(notification.Subscription.Value).Later();
        session.WakesReaders = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask MarkReadAsync(ProfileId person, string list, TimelinePosition position, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.mark AS m (person, list, position) VALUES ($1, $2, $3)
            ON CONFLICT (person, list) DO UPDATE SET position = greatest(m.position, excluded.position)
            """).Bind(person.Value).Bind(list).Bind(position.Value).Later();
        return ValueTask.CompletedTask;
    }
}
