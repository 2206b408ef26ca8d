namespace Microblog.Storage.InMemory;

internal sealed class InMemoryNotifications(InMemorySession session) : INotificationStore
{
    public ValueTask<NotificationPage> ListAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken)
    {
        var told = session.State.Notifications.Where(pair => pair.Key.Owner == owner).Select(pair => Entry(pair.Value));
        var mentions = session.State.Mentions.Where(pair => pair.Key.Person == owner).Select(pair => Mention(owner, pair.Key.Notice, pair.Value));
        var entries = told.Concat(mentions).OfType<NotificationEntry>().OrderBy(entry => entry.Position).ToList();
        var cut = page.After is { } after
            ? entries.Where(entry => entry.Position > after && entry.Position.Value < session.Horizon).Take(page.Count)
            : entries.Where(entry => page.Before is null || entry.Position < page.Before.Value).TakeLast(page.Count);
        return new(NotificationPage.Create(cut.Reverse().ToList(), page, session.Horizon));
    }

    public ValueTask<TimelinePosition> FindMarkAsync(ProfileId person, string list, CancellationToken cancellationToken) =>
        new(session.State.Marks.GetValueOrDefault((person, list)));

    public ValueTask AddAsync(Notification notification, CancellationToken cancellationToken)
    {
        var isThere = session.State.Notifications.Values.Any(other => other with { Position = notification.Position } == notification);
        if (!isThere)
        {
            session.State = session.State with
            {
                Notifications = session.State.Notifications.Add((notification.Owner, notification.Position), notification),
            };
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask MarkReadAsync(ProfileId person, string list, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (position > session.State.Marks.GetValueOrDefault((person, list)))
            session.State = session.State with { Marks = session.State.Marks.SetItem((person, list), position) };
        return ValueTask.CompletedTask;
    }

    private NotificationEntry? Entry(Notification told)
    {
        var notice = told.Notice.IsNone ? null : Find(told.Notice, told.Owner);
        return (notice is null && !told.Notice.IsNone) || ((InMemoryTimelines)session.Timelines).IsBlocked(told.Actor, told.Owner)
            || ((InMemoryTimelines)session.Timelines).IsHidden(told.Actor) || ((InMemoryTimelines)session.Timelines).IsMuted(told.Actor, told.Owner)
            ? null
            : new NotificationEntry(told.Kind, told.Position, session.State.Profiles[told.Actor.Value], notice);
    }

    private NotificationEntry? Mention(ProfileId owner, NoticeId id, TimelinePosition position) =>
        Find(id, owner) is { } notice && notice.Author.Id != owner && !((InMemoryTimelines)session.Timelines).IsMuted(notice, owner)
            ? new NotificationEntry(NotificationKind.Mention, position, notice.Author, notice)
            : null;

    private TimelineEntry? Find(NoticeId id, ProfileId viewer) =>
        session.State.Notices.TryGetValue(id.Value, out var stored) ? ((InMemoryTimelines)session.Timelines).Entry(stored, viewer) : null;
}
