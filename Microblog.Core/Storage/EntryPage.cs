using System.Collections.ObjectModel;

namespace Microblog.Storage;

/// <summary>A page of a list, newest first, and where to go on from it.</summary>
/// <param name="entries">What stands on the page.</param>
/// <param name="next">See <see cref="Next"/>.</param>
public sealed class EntryPage(IList<TimelineEntry> entries, TimelinePosition next) : ReadOnlyCollection<TimelineEntry>(entries)
{
    /// <summary>What to give <see cref="PageRequest.NewerThan"/> for the next page forward; 0, before everything, where nothing was found yet.</summary>
    /// <remarks>The newest entry's position, but always below <see cref="IdSource.Horizon"/>: a newest page also shows what stands above a
    /// number that is still open, and whoever went on from there would never see that one. So an entry may be met again, but none is missed.</remarks>
    public TimelinePosition Next { get; } = next;

    /// <summary>A page as a store found it.</summary>
    /// <param name="entries">What stands on the page, newest first.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="horizon">As it was before the snapshot was taken.</param>
    public static EntryPage Create(IList<TimelineEntry> entries, PageRequest request, long horizon)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(request);
        return new(entries, NextOf(entries.Count > 0 ? entries[0].Position : null, request, horizon));
    }

    internal static TimelinePosition NextOf(TimelinePosition? newest, PageRequest request, long horizon) =>
        new(Math.Min((newest ?? request.After ?? default).Value, horizon - 1));
}
