namespace Microblog.Storage.Sqlite;

internal sealed class SqliteNotifications(SqliteSession session) : INotificationStore
{
    public ValueTask<NotificationPage> ListAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        new(((SqliteTimelines)session.Timelines).Notifications(owner, page));

    public ValueTask<TimelinePosition> FindMarkAsync(ProfileId person, string list, CancellationToken cancellationToken) => new(new TimelinePosition(
        session.Use("SELECT position FROM microblog_mark WHERE person = ?1 AND list = ?2").Bind(1, person.Value).Bind(2, list).RunScalar() ?? 0));

    public ValueTask AddAsync(Notification notification, CancellationToken cancellationToken)
    {
        session.Use(
            """
            INSERT INTO microblog_notification (owner, position, kind, actor, notice, subscription) SELECT ?1, ?2, ?3, ?4, ?5, ?6
            WHERE NOT EXISTS (SELECT 1 FROM microblog_notification WHERE notice = ?5 AND notice <> 0 AND owner = ?1 AND kind = ?3 AND actor = ?4)
                AND NOT EXISTS (SELECT 1 FROM microblog_notification WHERE subscription = ?6 AND subscription <> 0 AND owner = ?1 AND kind = ?3 AND actor = ?4)
            """)
            .Bind(1, notification.Owner.Value).Bind(2, notification.Position.Value).Bind(3, (int)notification.Kind)
            .Bind(4, notification.Actor.Value).Bind(5, notification.Notice.Value).Bind(6, notification.Subscription.Value).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask MarkReadAsync(ProfileId person, string list, TimelinePosition position, CancellationToken cancellationToken)
    {
        session.Use(
            """
            INSERT INTO microblog_mark (person, list, position) VALUES (?1, ?2, ?3)
            ON CONFLICT (person, list) DO UPDATE SET position = max(position, excluded.position)
            """).Bind(1, person.Value).Bind(2, list).Bind(3, position.Value).Run();
        return ValueTask.CompletedTask;
    }
}
