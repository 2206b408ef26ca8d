namespace Microblog.Storage;

/// <summary>Reads what people are told.</summary>
public interface INotificationReader
{
    /// <summary>What a person is told, newest first: the notices that mention them, and what <see cref="INotificationStore.AddAsync"/> added.</summary>
    /// <remarks>Never of a notice that the person may not see, of somebody they block or mute or who blocks them, or of themselves. On the way forward nothing is missed, as
    /// in <see cref="ITimelineReader.MentionsAsync"/>.</remarks>
    ValueTask<NotificationPage> ListAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken);

    /// <summary>How far a person has read a list; 0, before everything, when they never said so.</summary>
    /// <param name="person">Who reads.</param>
    /// <param name="list">Which list: <see cref="ReadMarks"/>, or a name of at most 64 characters that a client chose.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<TimelinePosition> FindMarkAsync(ProfileId person, string list, CancellationToken cancellationToken);
}

/// <summary>Writes what people are told.</summary>
public interface INotificationStore : INotificationReader
{
    /// <summary>Tells a local person something.</summary>
    /// <remarks>It is taken back with its cause: when the notice is deleted, the subscription ended, the favourite taken back. A second one of the same kind,
    /// actor, notice and subscription is not added while the first stands. Mentions are not added: they are there with the notice.</remarks>
    ValueTask AddAsync(Notification notification, CancellationToken cancellationToken);

    /// <summary>Remembers how far a person has read a list. Goes forward only, for two clients may say it in either order.</summary>
    /// <param name="person">Who reads.</param>
    /// <param name="list">Which list, as in <see cref="INotificationReader.FindMarkAsync"/>.</param>
    /// <param name="position">The newest entry read.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask MarkReadAsync(ProfileId person, string list, TimelinePosition position, CancellationToken cancellationToken);
}

/// <summary>Names of the lists of which the node itself remembers how far somebody has read.</summary>
public static class ReadMarks
{
    /// <summary>The home timeline.</summary>
    public const string Home = "home";

    /// <summary>The notifications.</summary>
    public const string Notifications = "notifications";

    /// <summary>The direct notices.</summary>
    public const string Direct = "direct";
}
