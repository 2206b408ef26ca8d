using System.Text;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryArchive(InMemorySession session) : IArchiveStore
{
    public ValueTask<IReadOnlyList<Notice>> ListNoticesAsync(ProfileId author, NoticeId after, int count, CancellationToken cancellationToken) =>
        new(session.State.Notices.Values.Where(stored => !stored.IsDeleted).Select(stored => stored.Notice)
            .Where(notice => notice.Author == author && !notice.IsRemote && notice.Id > after).Take(count).ToList());

    public ValueTask<Notice?> FindNoticeAsync(NoticeId id, CancellationToken cancellationToken) =>
        new(session.State.Notices.GetValueOrDefault(id.Value) is { IsDeleted: false } stored ? stored.Notice : null);

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        new(session.State.Subscriptions.Values
            .Where(found => found.Subscriber == subscriber && found.State == state && found.Id.Value > after.Value)
            .Take(count).Select(found => new SubscriptionEntry(found, session.State.Profiles[found.Publisher.Value])).ToList());

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId after, int count, CancellationToken cancellationToken) =>
        new(session.State.Subscriptions.Values
            .Where(found => found.Publisher == publisher && found.State == state && found.Id.Value > after.Value)
            .Take(count).Select(found => new SubscriptionEntry(found, session.State.Profiles[found.Subscriber.Value])).ToList());

    public ValueTask<IReadOnlyList<Block>> ListBlocksAsync(ProfileId blocker, string after, int count, CancellationToken cancellationToken) =>
        new(session.State.Blocks.Where(pair => pair.Key.Blocker == blocker && Compare(pair.Key.Blocked.Value, after) > 0)
            .Select(pair => new Block(pair.Key.Blocked, pair.Value))
            .OrderBy(block => block.Blocked.Value, Comparer<string>.Create(Compare)).Take(count).ToList());

    public ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, string after, int count, CancellationToken cancellationToken) =>
        new(session.State.Mutes.Where(pair => pair.Key.Muter == muter && Compare(pair.Key.Muted.Value, after) > 0).Select(pair => pair.Value)
            .Where(((InMemorySubscriptions)session.Subscriptions).IsInForce)
            .OrderBy(mute => mute.Muted.Value, Comparer<string>.Create(Compare)).Take(count).ToList());

    public ValueTask<IReadOnlyList<Favourite>> ListFavouritesAsync(
        ProfileId person, TimelinePosition after, int count, CancellationToken cancellationToken) =>
        new(FavouritesOf(person).Where(favourite => favourite.Position > after).OrderBy(favourite => favourite.Position).Take(count).ToList());

    public ValueTask AddRevisionAsync(NoticeId notice, NoticeRevision revision, CancellationToken cancellationToken)
    {
        var revisions = session.State.Revisions.GetValueOrDefault(notice) ?? [];
        session.State = session.State with { Revisions = session.State.Revisions.SetItem(notice, revisions.Add(revision)) };
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> AddFavouriteAsync(
        ProfileId person, NoticeUri uri, DateTimeOffset at, NoticeId notice, CancellationToken cancellationToken)
    {
        var first = IdSource.FirstAt(at);
        var last = FavouritesOf(person).Select(favourite => favourite.Position.Value)
            .Where(position => position >= first && position < first + IdSource.PerMillisecond).Append(Math.Max(first, 1) - 1).Max();
        if (last + 1 >= first + IdSource.PerMillisecond)
            return false;
        var position = new TimelinePosition(last + 1);
        if (!notice.IsNone)
            await session.Reactions.FavouriteAsync(person, notice, position, cancellationToken).ConfigureAwait(false);
        else if (!session.State.KeptFavourites.ContainsKey((person, uri)))
            session.State = session.State with { KeptFavourites = session.State.KeptFavourites.Add((person, uri), position) };
        return true;
    }

    private IEnumerable<Favourite> FavouritesOf(ProfileId person) =>
        session.State.Favourites.Where(pair => pair.Key.Person == person)
            .Select(pair => new Favourite(session.State.Notices[pair.Key.Notice.Value].Notice.Uri, pair.Value))
            .Concat(session.State.KeptFavourites.Where(pair => pair.Key.Person == person).Select(pair => new Favourite(pair.Key.Notice, pair.Value)));

    public ValueTask<NoticeId> AddNoticeAsync(Notice notice, CancellationToken cancellationToken)
    {
        if (session.State.Bringings.ContainsKey((notice.Uri, default)))
            return default;
        if (FreeNumber(notice.Id) is not { IsNone: false } id)
            return default;
        var stored = notice with
        {
            Id = id,
            IsRemote = false,
            Scope = default,
            Conversation = notice.Conversation.IsNone || notice.Conversation == notice.Id ? id : notice.Conversation,
        };
        session.State = session.State with
        {
            Notices = session.State.Notices.Add(id.Value, new StoredNotice(stored, IsDeleted: false)),
            Bringings = session.State.Bringings.Add((notice.Uri, default), new Bringing(id, notice.Author, notice.Author)),
            Home = session.State.Home.Add((notice.Author, id), new HomeEntry(notice.Author, TimelinePosition.FromNoticeId(id))),
            Attachments = session.State.Attachments.AddRange(
                notice.Attachments.Select(item => KeyValuePair.Create(item.Id.Value, new StoredAttachment(item, notice.Author, id)))),
        };
        if (stored.IsCounted)
            session.Count(stored.Author, new ProfileCounts(1, 0, 0, 0));
        return new(id);
    }

    public ValueTask AddSubscriptionAsync(Subscription subscription, ProfileUri publisher, CancellationToken cancellationToken)
    {
        var imported = subscription with
        {
            State = SubscriptionState.Imported,
            Endpoint = "",
            ProfileEndpoint = "",
            Token = "",
            ProtectedSecret = default,
        };
        session.State = session.State with { Subscriptions = session.State.Subscriptions.Add(subscription.Id.Value, imported) };
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> RemoveAsync(ProfileId person, SubscriptionId scope, int count, CancellationToken cancellationToken)
    {
        if (session.State.Profiles.ContainsKey(person.Value))
            return false;
        var favourites = session.State.Favourites.Keys.Where(key => key.Person == person).Take(count).ToList();
        foreach (var (_, notice) in favourites)
            await session.Reactions.UnfavouriteAsync(person, notice, cancellationToken).ConfigureAwait(false);
        var notices = session.State.Notices.Values.Select(stored => stored.Notice).Where(notice => notice.Author == person).Take(count).ToList();
        var subscriptions = session.State.Subscriptions.Values
            .Where(found => found.Subscriber == person || found.Publisher == person).Take(count).ToList();
        var scopes = subscriptions.Select(found => found.Id).Append(scope).ToHashSet();
        var state = session.State;
        session.State = state with
        {
            Counts = state.Counts.Remove(person),
            Notices = state.Notices.RemoveRange(notices.Select(notice => notice.Id.Value)),
            Bringings = state.Bringings.RemoveRange(notices.Select(notice => (notice.Uri, default(SubscriptionId)))),
            Home = state.Home.RemoveRange(notices.Select(notice => (person, notice.Id))),
            Subscriptions = state.Subscriptions.RemoveRange(subscriptions.Select(found => found.Id.Value)),
            Profiles = state.Profiles.RemoveRange(state.Profiles.Values
                .Where(profile => !profile.Scope.IsNone && scopes.Contains(profile.Scope)).Select(profile => profile.Id.Value)),
            Blocks = state.Blocks.RemoveRange(state.Blocks.Keys.Where(key => key.Blocker == person)),
            Mutes = state.Mutes.RemoveRange(state.Mutes.Keys.Where(key => key.Muter == person)),
            KeptFavourites = state.KeptFavourites.RemoveRange(state.KeptFavourites.Keys.Where(key => key.Person == person)),
            Revisions = state.Revisions.RemoveRange(notices.Select(notice => notice.Id)),
            Avatars = state.Avatars.Remove(person.Value),
            Attachments = state.Attachments.RemoveRange(state.Attachments.Where(pair => pair.Value.Owner == person).Select(pair => pair.Key)),
        };
        return notices.Count == count || subscriptions.Count == count || favourites.Count == count;
    }

    private static int Compare(string one, string other) => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    private NoticeId FreeNumber(NoticeId wanted)
    {
        if (!session.State.Notices.ContainsKey(wanted.Value))
            return wanted;
        var first = IdSource.FirstAt(wanted.AcceptedAt);
        for (var number = first; number < first + IdSource.PerMillisecond; number++)
        {
            if (number > 0 && !session.State.Notices.ContainsKey(number))
                return new NoticeId(number);
        }

        return default;
    }
}
