using System.Collections.ObjectModel;

namespace Microblog.Storage;

/// <summary>A page of notifications, newest first, and where to go on from it.</summary>
/// <param name="entries">What stands on the page.</param>
/// <param name="next">See <see cref="Next"/>.</param>
public sealed class NotificationPage(IList<NotificationEntry> entries, TimelinePosition next) : ReadOnlyCollection<NotificationEntry>(entries)
{
    /// <inheritdoc cref="EntryPage.Next"/>
    public TimelinePosition Next { get; } = next;

    /// <inheritdoc cref="EntryPage.Create"/>
    public static NotificationPage Create(IList<NotificationEntry> entries, PageRequest request, long horizon)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(request);
        return new(entries, EntryPage.NextOf(entries.Count > 0 ? entries[0].Position : null, request, horizon));
    }
}

/// <summary>A notification as its owner sees it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Notice">The notice it is about; <see langword="null"/> where it is about none.</param>
public sealed record NotificationEntry(NotificationKind Kind, TimelinePosition Position, Profile Actor, TimelineEntry? Notice);
