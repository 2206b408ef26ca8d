namespace Microblog.Storage.InMemory;

internal sealed class InMemoryReactions(InMemorySession session) : IReactionStore
{
    public ValueTask<IReadOnlyList<Reaction>> ListAsync(ProfileId person, IReadOnlyList<NoticeId> notices, CancellationToken cancellationToken) => new(
        notices.Distinct()
            .Select(notice => new Reaction(
                notice, session.State.Favourites.ContainsKey((person, notice)), session.State.Repeats.GetValueOrDefault((notice, person))))
            .Where(reaction => reaction.IsFavourite || !reaction.Repeat.IsNone)
            .ToList());

    public ValueTask<IReadOnlyList<Profile>> ListFavouritersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) =>
        List(session.State.Favourites.Where(pair => pair.Key.Notice == notice).OrderByDescending(pair => pair.Value).Select(pair => pair.Key.Person), viewer, count);

    public ValueTask<IReadOnlyList<Profile>> ListRepeatersAsync(
        NoticeId notice, ProfileId viewer, int count, CancellationToken cancellationToken) =>
        List(session.State.Repeats.Where(pair => pair.Key.Original == notice).OrderByDescending(pair => pair.Value).Select(pair => pair.Key.Person), viewer, count);

    public ValueTask<bool> FavouriteAsync(ProfileId person, NoticeId notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        var state = session.State;
        if (state.Favourites.ContainsKey((person, notice)) || !state.Notices.TryGetValue(notice.Value, out var stored) || stored.IsDeleted)
            return new(false);
        session.State = state with
        {
            Favourites = state.Favourites.Add((person, notice), position),
            KeptFavourites = state.KeptFavourites.Remove((person, stored.Notice.Uri)),
        };
        session.Count(notice, new NoticeCounts(0, 0, 1));
        session.Count(person, new ProfileCounts(0, 0, 0, 1));
        return new(true);
    }

    public ValueTask<bool> UnfavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken) => new(Unfavourite(person, notice));

    public bool Unfavourite(ProfileId person, NoticeId notice)
    {
        var state = session.State;
        if (!state.Favourites.ContainsKey((person, notice)))
            return false;
        session.State = state with
        {
            Favourites = state.Favourites.Remove((person, notice)),
            Notifications = state.Notifications.RemoveRange(state.Notifications
                .Where(pair => pair.Value.Kind == NotificationKind.Favourite && pair.Value.Actor == person && pair.Value.Notice == notice).Select(pair => pair.Key)),
        };
        session.Count(notice, new NoticeCounts(0, 0, -1));
        session.Count(person, new ProfileCounts(0, 0, 0, -1));
        return true;
    }

    private ValueTask<IReadOnlyList<Profile>> List(IEnumerable<ProfileId> people, ProfileId viewer, int count) => new(
        people.Select(person => session.State.Profiles[person.Value])
            .Where(person => !((InMemoryTimelines)session.Timelines).IsHidden(person.Id) && !((InMemoryTimelines)session.Timelines).IsBlocked(person.Id, viewer))
            .Take(count).ToList());
}
