using Microblog.Moderation;

namespace Microblog.Storage.InMemory;

/// <summary>The rule of <see cref="INoticeReader.FindAsync(NoticeId, ProfileId, CancellationToken)"/>, and lists under it.</summary>
internal sealed class InMemoryTimelines(InMemorySession session) : ITimelineReader
{
    public ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) =>
        PageOf(session.State.Home.Where(pair => pair.Key.Owner == owner).Select(pair => (pair.Key.Notice, pair.Value.Position)), page, owner, unmuted: true);

    public ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        Page(page, viewer, notice => !notice.IsRemote && notice.Visibility == Visibility.Public, unmuted: true);

    public ValueTask<EntryPage> ProfileAsync(
        ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        Page(page, viewer, notice => IsBy(notice, author, viewer));

    public ValueTask<IReadOnlyDictionary<ProfileId, TimelineEntry>> LatestAsync(
        IReadOnlyCollection<ProfileId> authors, ProfileId viewer, CancellationToken cancellationToken) =>
        new(authors.Select(author => (Author: author, Entry: Latest(author, viewer))).Where(latest => latest.Entry is not null)
            .ToDictionary(latest => latest.Author, latest => latest.Entry!));

    public ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) =>
        PageOf(session.State.Mentions.Where(pair => pair.Key.Person == person).Select(pair => (pair.Key.Notice, pair.Value)), page, person, unmuted: true);

    public ValueTask<EntryPage> ConversationAsync(
        NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        Page(page, viewer, notice => notice.Conversation == conversation);

    public ValueTask<EntryPage> TagAsync(
        string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        Page(page, viewer, notice => notice.Visibility == Visibility.Public && notice.Tags.Contains(tag, StringComparer.Ordinal), unmuted: true);

    public ValueTask<EntryPage> GroupAsync(GroupId group, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        Page(page, viewer, notice => session.State.GroupNotices.Contains((group, notice.Id)), unmuted: true);

    public ValueTask<EntryPage> FavouritesAsync(ProfileId person, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) =>
        PageOf(session.State.Favourites.Where(pair => pair.Key.Person == person).Select(pair => (pair.Key.Notice, pair.Value)), page, viewer);

    public ValueTask<EntryPage> DirectAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) => Page(
        page, person, notice => notice is { IsRemote: false, Visibility: Visibility.Direct } && (notice.Author == person || notice.Audience.Contains(person)));

    /// <summary>The notice as the viewer knows it, or <see langword="null"/> when the viewer may not see it.</summary>
    public TimelineEntry? Entry(StoredNotice stored, ProfileId viewer)
    {
        var notice = stored.Notice;
        if (stored.IsDeleted || !IsKnown(notice.Author) || IsHidden(AuthorFor(notice, viewer)) || !IsFor(notice, viewer) || IsBlocked(notice.Author, viewer))
            return null;
        var repeated = notice.RepeatOf.IsNone ? null : session.State.Notices.GetValueOrDefault(notice.RepeatOf.Value);
        if (repeated is { IsDeleted: true } || (repeated is not null && (IsHidden(repeated.Notice.Author) || IsBlocked(repeated.Notice.Author, viewer))))
            return null;
        return new TimelineEntry(notice, Person(AuthorFor(notice, viewer)), TimelinePosition.FromNoticeId(notice.Id))
        {
            Repeated = repeated is null ? null : Entry(repeated, viewer),
        };
    }

    /// <summary>Whether the viewer does not want to hear of the author, or of whom the notice repeats, or shall not because the operator
    /// silenced them.</summary>
    public bool IsMuted(TimelineEntry entry, ProfileId viewer) =>
        IsMuted(entry.Author.Id, viewer) || (entry.Notice.RepeatOf is { IsNone: false } original
            && session.State.Notices.TryGetValue(original.Value, out var stored) && IsMuted(stored.Notice.Author, viewer));

    /// <inheritdoc cref="IsMuted(TimelineEntry, ProfileId)"/>
    public bool IsMuted(ProfileId author, ProfileId viewer) =>
        ((InMemorySubscriptions)session.Subscriptions).IsMuted(viewer, author) || IsSilenced(author, viewer);

    /// <summary>Whether the operator silenced a person whom the viewer does not hear.</summary>
    public bool IsSilenced(ProfileId person, ProfileId viewer) => StandingOf(person) == Standing.Silenced && person != viewer
        && !((InMemorySubscriptions)session.Subscriptions).Hears(viewer, Person(person).Uri);

    /// <summary>Whether nobody sees anything of a person: gone, suspended, or of a blocked domain.</summary>
    public bool IsHidden(ProfileId person) => Person(person).IsDeleted || StandingOf(person) == Standing.Suspended;

    private Standing StandingOf(ProfileId person) => ((InMemoryModeration)session.Moderation).StandingOf(Person(person));

    private ValueTask<EntryPage> Page(PageRequest page, ProfileId viewer, Func<Notice, bool> filter, bool unmuted = false) => Cut(
        session.State.Notices.Values.Where(stored => filter(stored.Notice)).Select(stored => Entry(stored, viewer)).OfType<TimelineEntry>()
            .Where(entry => !unmuted || !IsMuted(entry, viewer)),
        page);

    private ValueTask<EntryPage> PageOf(
        IEnumerable<(NoticeId Notice, TimelinePosition Position)> places, PageRequest page, ProfileId viewer, bool unmuted = false) => Cut(
        places.OrderBy(place => place.Position)
            .Select(place => session.State.Notices.TryGetValue(place.Notice.Value, out var stored) && Entry(stored, viewer) is { } entry
                ? entry with { Position = place.Position }
                : null)
            .OfType<TimelineEntry>().Where(entry => !unmuted || !IsMuted(entry, viewer)),
        page);

    // Of entries in ascending order.
    private ValueTask<EntryPage> Cut(IEnumerable<TimelineEntry> entries, PageRequest page)
    {
        var cut = page.After is { } after
            ? entries.Where(entry => entry.Position > after && entry.Position.Value < session.Horizon).Take(page.Count)
            : entries.Where(entry => page.Before is null || entry.Position < page.Before.Value).TakeLast(page.Count);
        return new(EntryPage.Create(cut.Reverse().ToList(), page, session.Horizon));
    }

    // What an import has stored waits for its author's profile.
    private bool IsKnown(ProfileId author) => session.State.Profiles.ContainsKey(author.Value);

    private bool IsFor(Notice notice, ProfileId viewer)
    {
        if (notice.IsRemote)
            return (notice.Scope.IsNone && notice.IsPublic) || session.State.Home.ContainsKey((viewer, notice.Id));
        if (viewer == notice.Author)
            return true;
        return notice.Visibility switch
        {
            Visibility.Public or Visibility.Unlisted => !notice.IsLocalOnly || !viewer.IsNone,
            Visibility.Followers => session.State.Subscriptions.Values.Any(found =>
                found.Subscriber == viewer && found.Publisher == notice.Author && found.State == SubscriptionState.Active),
            _ => notice.Audience.Contains(viewer),
        };
    }

    /// <summary>Whether one of the two blocks the other.</summary>
    public bool IsBlocked(ProfileId author, ProfileId viewer) =>
        !viewer.IsNone
        && (session.State.Blocks.ContainsKey((viewer, Person(author).Uri))
            || (session.State.Profiles.TryGetValue(viewer.Value, out var person) && session.State.Blocks.ContainsKey((author, person.Uri))));

    private bool IsBy(Notice notice, ProfileId author, ProfileId viewer) =>
        (notice.Author == author && notice.Scope.IsNone) || AuthorFor(notice, viewer) == author;

    private TimelineEntry? Latest(ProfileId author, ProfileId viewer) => session.State.Notices.Values.Reverse()
        .Where(stored => stored.Notice.Visibility != Visibility.Direct && IsBy(stored.Notice, author, viewer))
        .Select(stored => Entry(stored, viewer)).FirstOrDefault(entry => entry is not null);

    // Two people may know the same author by two unproven profiles.
    private ProfileId AuthorFor(Notice notice, ProfileId viewer) =>
        session.State.Home.TryGetValue((viewer, notice.Id), out var known) ? known.Author : notice.Author;

    private Profile Person(ProfileId id) => session.State.Profiles[id.Value];
}
