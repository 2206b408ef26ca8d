using System.Collections.ObjectModel;

namespace Microblog.Storage;

/// <summary>A page of what was found, newest first.</summary>
/// <param name="entries">What stands on the page. It may be less than asked for, or nothing, although there is more: the effort of a page is bounded.</param>
/// <param name="older">See <see cref="Older"/>.</param>
public sealed class SearchPage(IList<TimelineEntry> entries, TimelinePosition? older) : ReadOnlyCollection<TimelineEntry>(entries)
{
    /// <summary>Where the next page begins; <see langword="null"/> when nothing more will be found.</summary>
    public TimelinePosition? Older { get; } = older;
}
