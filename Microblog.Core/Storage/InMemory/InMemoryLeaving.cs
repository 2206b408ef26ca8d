namespace Microblog.Storage.InMemory;

/// <summary>Deletes what a person who has left leaves behind.</summary>
internal sealed class InMemoryLeaving(InMemorySession session)
{
    /// <summary>Deletes at most so many notices, or so many favourites, or the rest.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Continue(ProfileId person, int count, TimelinePosition position)
    {
        var notices = session.State.Notices.Values.Where(stored => !stored.IsDeleted && !stored.Notice.IsRemote && stored.Notice.Author == person)
            .Take(count).Select(stored => stored.Notice).ToList();
        foreach (var notice in notices)
            Delete(notice, position);
        if (notices.Count == count)
            return true;
        var favourites = session.State.Favourites.Keys.Where(key => key.Person == person).Take(count).ToList();
        foreach (var (_, notice) in favourites)
            ((InMemoryReactions)session.Reactions).Unfavourite(person, notice);
        if (favourites.Count == count)
            return true;
        if (((InMemoryHub)session.Hub).EndOf(person, count) == count)
            return true;
        DeleteRest(person);
        return false;
    }

    private void Delete(Notice notice, TimelinePosition position)
    {
        ((InMemoryNotices)session.Notices).Delete(notice.Id, position);
        var tombstone = notice with
        {
            Content = "", Url = "", License = "", ReplyToUri = "", SeeAlso = null, Mentions = [], Tags = [], Audience = [], Extensions = "", Language = "",
            Warning = "", Counts = default,
        };
        session.State = session.State with { Notices = session.State.Notices.SetItem(notice.Id.Value, new StoredNotice(tombstone, IsDeleted: true)) };
    }

    private void DeleteRest(ProfileId person)
    {
        var state = session.State;
        session.State = state with
        {
            Counts = state.Counts.Remove(person),
            Home = state.Home.RemoveRange(state.Home.Where(pair => pair.Key.Owner == person || pair.Value.Author == person).Select(pair => pair.Key)),
            Mentions = state.Mentions.RemoveRange(state.Mentions.Keys.Where(key =>
                key.Person == person || (state.Notices.TryGetValue(key.Notice.Value, out var stored) && stored.Notice.Author == person))),
            Notifications = state.Notifications.RemoveRange(state.Notifications.Keys.Where(key => key.Owner == person)),
            KeptFavourites = state.KeptFavourites.RemoveRange(state.KeptFavourites.Keys.Where(key => key.Person == person)),
            Mutes = state.Mutes.RemoveRange(state.Mutes.Keys.Where(key => key.Muter == person)),
            Blocks = state.Blocks.RemoveRange(state.Blocks.Keys.Where(key => key.Blocker == person)),
            Marks = state.Marks.RemoveRange(state.Marks.Keys.Where(key => key.Person == person)),
            Events = state.Events.RemoveRange(state.Events.Where(pair => pair.Value.Event.Author == person && pair.Value.LaneId == 0).Select(pair => pair.Key)),
            Failures = state.Failures.RemoveRange(state.Failures.Where(pair => pair.Value.Event.Author == person).Select(pair => pair.Key)),
            Subscriptions = state.Subscriptions.RemoveRange(state.Subscriptions.Values.Where(found =>
                (found.Subscriber == person || found.Publisher == person) && found.Protocol is (Subscription.LocalProtocol or Subscription.ArchiveProtocol))
                .Select(found => found.Id.Value)),
        };
    }
}
