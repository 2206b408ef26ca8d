using System.Collections.Immutable;
using Microblog.Delivery;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryNotices(InMemorySession session) : INoticeStore
{
    private const int AtOnce = 200;

    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken) =>
        new(Find(id, viewer));

    public ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(IReadOnlyCollection<NoticeId> ids, ProfileId viewer, CancellationToken cancellationToken) =>
        new(ids.Distinct().Order().Select(id => Find(id, viewer)).OfType<TimelineEntry>().ToList());

    public ValueTask<bool> IsDeletedAsync(NoticeId id, CancellationToken cancellationToken) =>
        new(session.State.Notices.GetValueOrDefault(id.Value) is { IsDeleted: true, Notice: { Scope.IsNone: true, IsPublic: true } });

    public ValueTask<bool> HasSaidAsync(ProfileId author, string content, TimelinePosition since, CancellationToken cancellationToken) =>
        new(session.State.Notices.Values.Where(stored => stored.Notice.Author == author && stored.Notice.Id.Value > since.Value)
            .OrderByDescending(stored => stored.Notice.Id.Value).Take(3)
            .Any(stored => stored is { IsDeleted: false, Notice.Visibility: not Visibility.Direct } && stored.Notice.Content == content));

    public ValueTask<IReadOnlyList<NoticeChange>> ListChangesAsync(ChangePlace after, int count, CancellationToken cancellationToken)
    {
        var (state, timelines) = (session.State, (InMemoryTimelines)session.Timelines);
        return new(state.Changes
            .Where(change => change.Value.Value < session.Horizon && state.Notices[change.Key.Value].Notice is { IsRemote: false, IsLocalOnly: false, Visibility: Visibility.Public })
            .Select(change => new ChangePlace(change.Value, change.Key))
            .Where(place => (place.Position.Value, place.Notice.Value).CompareTo((after.Position.Value, after.Notice.Value)) > 0)
            .OrderBy(place => place.Position).ThenBy(place => place.Notice)
            .Take(count)
            .Select(place => new NoticeChange(
                place, state.Notices[place.Notice.Value].Notice.Uri, Find(place.Notice, default) is { } entry && !timelines.IsMuted(entry, default) ? entry : null))
            .ToList());
    }

    public ValueTask<IReadOnlyList<Notice>> FindAsync(NoticeUri uri, CancellationToken cancellationToken) =>
        new(session.State.Notices.Values.Where(stored => !stored.IsDeleted && stored.Notice.Uri == uri).Select(stored => stored.Notice).ToList());

    public ValueTask<IReadOnlyList<Notice>> ListLocalAsync(IReadOnlyCollection<NoticeId> ids, CancellationToken cancellationToken) =>
        new(ids.Select(id => session.State.Notices.GetValueOrDefault(id.Value)).OfType<StoredNotice>()
            .Where(stored => !stored.IsDeleted && !stored.Notice.IsRemote).Select(stored => stored.Notice).OrderBy(notice => notice.Id.Value).ToList());

    public ValueTask<bool> PublishAsync(Notice notice, CancellationToken cancellationToken)
    {
        notice = notice with { IsRemote = false, Scope = default };
        if (session.State.Bringings.ContainsKey((notice.Uri, default)))
            throw new StoreException($"The notice URI {notice.Uri} is taken.");
        if (session.State.Repeats.ContainsKey((notice.RepeatOf, notice.Author)))
            return new(false);
        if (!notice.RepeatOf.IsNone)
            AddRepeat(notice);
        Add(notice, notice.Author);
        foreach (var person in notice.Audience)
            AddHome(person, notice.Id, notice.Author, At(notice));
        if (notice.Visibility == Visibility.Direct)
            return new(true);
        foreach (var person in notice.Mentions)
            AddHome(person, notice.Id, notice.Author, At(notice));
        Start(notice, default, AtOnce);
        var groups = Groups.GroupsOf(notice);
        foreach (var group in groups)
        {
            Groups.Add(group, notice.Id);
            Start(notice, group, Math.Max(1, AtOnce / groups.Count));
        }

        return new(true);
    }

    public ValueTask<IReadOnlyList<NoticeRevision>> ListRevisionsAsync(NoticeId id, CancellationToken cancellationToken) =>
        new(session.State.Revisions.GetValueOrDefault(id) ?? []);

    public ValueTask<bool> EditAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (!session.State.Notices.TryGetValue(notice.Id.Value, out var stored) || stored.IsDeleted || stored.Notice.IsRemote)
            return new(false);
        var before = stored.Notice;
        if (!NoticeDetail.Differ(before, notice))
            return new(false);
        var revisions = session.State.Revisions.GetValueOrDefault(notice.Id) ?? [];
        session.State = session.State with
        {
            Revisions = session.State.Revisions.SetItem(
                notice.Id, revisions.Add(new NoticeRevision(notice.EditedAt ?? session.Now, before.Content, before.Language, before.Warning))),
        };
        var mentions = notice.Mentions.Except(before.Mentions).ToList();
        Set(before with
        {
            Content = notice.Content,
            Language = notice.Language,
            Warning = notice.Warning,
            IsSensitive = notice.IsSensitive,
            EditedAt = notice.EditedAt,
            Mentions = notice.Mentions,
            Tags = notice.Tags,
        });
        session.State = session.State with { Changes = session.State.Changes.SetItem(notice.Id, position) };
        foreach (var gone in before.Mentions.Except(notice.Mentions))
            session.State = session.State with { Mentions = session.State.Mentions.Remove((gone, notice.Id)) };
        foreach (var person in mentions)
        {
            AddMention(person, notice.Id, position);
            if (notice.Visibility != Visibility.Direct)
                AddHome(person, notice.Id, notice.Author, position);
        }

        return new(true);
    }

    public ValueTask<IReadOnlyList<ReceiveResult>> ReceiveAsync(IReadOnlyList<ReceivedNotice> notices, CancellationToken cancellationToken) =>
        new(notices.Select(received => Receive(received.Notice with { IsRemote = true, Attachments = [] }, received.Listener)).ToList());

    public ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken)
    {
        var rest = count;
        while (rest > 0 && session.State.Jobs is [var job, ..])
        {
            session.State = session.State with { Jobs = session.State.Jobs.RemoveAt(0) };
            if (job.Notice == Job.Leaving)
            {
                // Behind the others: nobody's notice waits for what somebody leaves behind, however much it is.
                if (new InMemoryLeaving(session).Continue(job.Author, rest, position))
                    session.State = session.State with { Jobs = session.State.Jobs.Add(job) };
                break;
            }

            if (job.Notice == Job.Blocking)
            {
                if (((InMemoryModeration)session.Moderation).EndBlocked(job, rest) is { } left)
                    session.State = session.State with { Jobs = session.State.Jobs.Add(left) };
                break;
            }

            if (!job.Notice.IsNone)
            {
                if (FanOut(job, position, rest) is { } left)
                    session.State = session.State with { Jobs = session.State.Jobs.Insert(0, left) };
                break;
            }

            rest -= Math.Max(1, session.Lanes.Wake(job.Author, rest));
        }

        return new(session.State.Jobs.Count > 0);
    }

    public ValueTask<bool> DeleteAsync(NoticeId id, TimelinePosition position, CancellationToken cancellationToken) => new(Delete(id, position));

    public bool Delete(NoticeId id, TimelinePosition position)
    {
        if (!session.State.Notices.TryGetValue(id.Value, out var stored) || stored.IsDeleted)
            return false;
        var notice = stored.Notice;
        Uncount(notice);
        foreach (var group in notice.Groups)
            Groups.Remove(group.Id, id);
        foreach (var (person, _) in session.State.Favourites.Keys.Where(key => key.Notice == id))
            session.Count(person, new ProfileCounts(0, 0, 0, -1));
        var state = session.State;
        session.State = state with
        {
            Notices = state.Notices.SetItem(id.Value, new StoredNotice(notice with { Counts = default }, IsDeleted: true)),
            Changes = state.Changes.SetItems(state.Repeats.Where(pair => pair.Key.Original == id).Select(pair => pair.Value).Append(id)
                .Select(gone => KeyValuePair.Create(gone, position))),
            Repeats = state.Repeats.Remove((notice.RepeatOf, notice.Author)),
            Revisions = state.Revisions.Remove(id),
            Favourites = state.Favourites.RemoveRange(state.Favourites.Keys.Where(key => key.Notice == id)),
            Notifications = state.Notifications.RemoveRange(state.Notifications.Where(pair => pair.Value.Notice == id).Select(pair => pair.Key)),
            Home = state.Home.RemoveRange(state.Home.Keys.Where(key => key.Notice == id)),
            Jobs = state.Jobs.RemoveAll(job => job.Notice == id),
            Events = state.Events.RemoveRange(state.Events.Where(pair => pair.Value.Event.Notice == id).Select(pair => pair.Key)),
            Failures = state.Failures.RemoveRange(state.Failures.Where(pair => pair.Value.Event.Notice == id).Select(pair => pair.Key)),
            Attachments = state.Attachments.RemoveRange(state.Attachments.Where(pair => pair.Value.Notice == id).Select(pair => pair.Key)),
        };
        return true;
    }

    public ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken)
    {
        if (!session.State.Notices.TryGetValue(id.Value, out var stored) || stored.IsDeleted || !stored.Notice.IsRemote)
            return ValueTask.CompletedTask;
        if (replyToUri.Length > 0)
            Answer(stored.Notice, replyToUri);
        if (isProven)
            Prove(session.State.Notices[id.Value].Notice);
        return ValueTask.CompletedTask;
    }

    private TimelineEntry? Find(NoticeId id, ProfileId viewer) =>
        session.State.Notices.TryGetValue(id.Value, out var stored) ? ((InMemoryTimelines)session.Timelines).Entry(stored, viewer) : null;

    private ReceiveResult Receive(Notice notice, ProfileId listener)
    {
        var state = session.State;
        if (state.Bringings.ContainsKey((notice.Uri, notice.Scope)))
            return ReceiveResult.Duplicate;
        var author = state.Profiles[notice.Author.Value].Uri;
        foreach (var stored in state.Notices.Values)
        {
            var other = stored.Notice;
            if (other.Uri != notice.Uri || !other.IsRemote || state.Profiles[other.Author.Value].Uri != author)
                continue;
            // What was deleted as proven stays deleted; an unproven copy speaks for its own subscription only.
            if (stored.IsDeleted && other.Scope.IsNone)
                return ReceiveResult.Duplicate;
            if (stored.IsDeleted || !IsSame(other, notice))
                continue;
            Bring(notice.Uri, notice.Scope, new Bringing(other.Id, listener, notice.Author));
            AddHome(listener, other.Id, notice.Author, At(notice));
            // Whoever brought the copy named only their own listener.
            AddMentions(notice, other.Id);
            return ReceiveResult.Shared;
        }

        Add(notice, listener);
        Adopt(notice);
        return ReceiveResult.Stored;
    }

    private void AddRepeat(Notice notice)
    {
        session.State = session.State with { Repeats = session.State.Repeats.Add((notice.RepeatOf, notice.Author), notice.Id) };
        session.Count(notice.RepeatOf, new NoticeCounts(0, 1, 0));
    }

    private void Uncount(Notice notice)
    {
        if (notice.IsCountedReply)
            session.Count(notice.ReplyTo, new NoticeCounts(-1, 0, 0));
        if (!notice.RepeatOf.IsNone)
            session.Count(notice.RepeatOf, new NoticeCounts(0, -1, 0));
        if (notice.IsCounted)
            session.Count(notice.Author, new ProfileCounts(-1, 0, 0, 0));
    }

    // Answers that came before what they answer.
    private void Adopt(Notice parent)
    {
        foreach (var answer in session.State.Notices.Values.Select(stored => stored.Notice)
            .Where(other => other.ReplyTo.IsNone && other.ReplyToUri == parent.Uri.Value && other.Id != parent.Id
                && (parent.Scope.IsNone || parent.Scope == other.Scope)).ToList())
            Answer(answer, parent.Uri.Value);
    }

    private static bool IsSame(Notice one, Notice other) =>
        one.Content == other.Content && one.Url == other.Url && one.License == other.License && one.SeeAlso == other.SeeAlso;

    private void Answer(Notice notice, string uri)
    {
        var parent = session.State.Notices.Values.Select(stored => stored.Notice)
            .Where(other => other.Uri.Value == uri && other.Id != notice.Id && (other.Scope.IsNone || other.Scope == notice.Scope))
            .MinBy(other => other.Scope.Value);
        if (notice.IsCountedReply)
            session.Count(notice.ReplyTo, new NoticeCounts(-1, 0, 0));
        var answer = notice with { ReplyToUri = uri, ReplyTo = parent?.Id ?? default };
        Set(answer);
        if (answer.IsCountedReply)
            session.Count(answer.ReplyTo, new NoticeCounts(1, 0, 0));
        if (parent is null || parent.Conversation == notice.Conversation)
            return;
        foreach (var stored in session.State.Notices.Values.Where(stored => stored.Notice.Conversation == notice.Conversation).ToList())
        {
            // An unproven notice moves nothing that others see (OMB-65).
            if (stored.Notice.Id == notice.Id
                || (notice.Conversation == notice.Id && (notice.Scope.IsNone || stored.Notice.Scope == notice.Scope)))
                Set(stored.Notice with { Conversation = parent.Conversation });
        }
    }

    private void Prove(Notice notice)
    {
        var author = session.State.Profiles[notice.Author.Value];
        var proven = session.State.Profiles.Values.FirstOrDefault(person => person.Uri == author.Uri && person.Scope.IsNone && !person.IsLocal);
        if (proven is null || notice.Scope.IsNone || session.State.Bringings.ContainsKey((notice.Uri, default)))
            return;
        var copies = new HashSet<NoticeId>();
        foreach (var (key, brought) in session.State.Bringings.Where(pair => pair.Key.Uri == notice.Uri)
            .OrderByDescending(pair => session.State.Home.GetValueOrDefault((pair.Value.Listener, pair.Value.Notice))?.Position)
            .ThenBy(pair => pair.Key.Scope.Value).ToList())
        {
            var same = session.State.Profiles[brought.Author.Value].Uri == author.Uri;
            Bring(key.Uri, key.Scope, brought with { Notice = notice.Id });
            if (brought.Notice == notice.Id)
                continue;
            copies.Add(brought.Notice);
            var place = (brought.Listener, brought.Notice);
            var isHome = session.State.Home.TryGetValue(place, out var entry);
            var isMention = session.State.Mentions.TryGetValue(place, out var position);
            session.State = session.State with
            {
                Home = session.State.Home.Remove(place),
                Mentions = session.State.Mentions.Remove(place),
                Notices = session.State.Notices.Remove(brought.Notice.Value),
            };
            if (isHome)
                AddHome(brought.Listener, notice.Id, same ? brought.Author : proven.Id, entry!.Position);
            // Of a deleted copy only the mention is left.
            if (isHome && isMention)
                AddMention(brought.Listener, notice.Id, position);
        }

        Bring(notice.Uri, default, new Bringing(notice.Id, default, proven.Id));
        MoveReactions(copies, notice.Id);
        Set(session.State.Notices[notice.Id.Value].Notice with { Scope = default, Author = proven.Id });
        Recount(notice.Id);
        var shown = session.State.Notices[notice.Id.Value].Notice;
        if (shown.IsCountedReply)
            session.Count(shown.ReplyTo, new NoticeCounts(1, 0, 0));
        Adopt(shown);
    }

    // What people made of other copies they made of this one, each once: of several marks the one on this, or else the last.
    private void MoveReactions(HashSet<NoticeId> from, NoticeId to)
    {
        var conversation = session.State.Notices[to.Value].Notice.Conversation;
        foreach (var notice in session.State.Notices.Values.Select(stored => stored.Notice)
            .Where(other => from.Contains(other.ReplyTo) || from.Contains(other.RepeatOf) || from.Contains(other.Conversation)).ToList())
        {
            Set(notice with
            {
                ReplyTo = from.Contains(notice.ReplyTo) ? to : notice.ReplyTo,
                RepeatOf = from.Contains(notice.RepeatOf) ? to : notice.RepeatOf,
                Conversation = from.Contains(notice.Conversation) ? conversation : notice.Conversation,
            });
        }

        foreach (var (key, position) in session.State.Favourites.Where(pair => from.Contains(pair.Key.Notice)).OrderByDescending(pair => pair.Value))
        {
            if (session.State.Favourites.ContainsKey((key.Person, to)))
                session.Count(key.Person, new ProfileCounts(0, 0, 0, -1));
            session.State = session.State with { Favourites = Moved(session.State.Favourites, key, (key.Person, to), position) };
        }

        var state = session.State;
        foreach (var (key, repeat) in state.Repeats.Where(pair => from.Contains(pair.Key.Original)).OrderByDescending(pair => pair.Value))
            state = state with { Repeats = Moved(state.Repeats, key, (to, key.Person), repeat) };
        session.State = state;

        static ImmutableDictionary<TKey, TValue> Moved<TKey, TValue>(ImmutableDictionary<TKey, TValue> all, TKey from, TKey to, TValue value)
            where TKey : notnull => all.ContainsKey(to) ? all.Remove(from) : all.Remove(from).Add(to, value);
    }

    private void Recount(NoticeId id)
    {
        var stored = session.State.Notices[id.Value];
        Set(stored.Notice with
        {
            Counts = new NoticeCounts(
                session.State.Notices.Values.Count(other => !other.IsDeleted && other.Notice.ReplyTo == id && other.Notice.IsCountedReply),
                session.State.Repeats.Keys.Count(key => key.Original == id),
                session.State.Favourites.Keys.Count(key => key.Notice == id)),
        });
    }

    private void Start(Notice notice, GroupId group, int count)
    {
        var job = new Job(notice.Id, notice.Author, group, 0, long.MaxValue);
        if (Readers(job) is [.., var last] && FanOut(job with { Through = last.Place }, At(notice), count) is { } rest)
            session.State = session.State with { Jobs = session.State.Jobs.Add(rest) };
    }

    // What is left of the job.
    private Job? FanOut(Job job, TimelinePosition position, int count)
    {
        var readers = Readers(job);
        foreach (var reader in readers.Take(count))
            AddHome(reader.Person, job.Notice, job.Author, position);
        return readers.Count > count ? job with { After = readers[count - 1].Place } : null;
    }

    private IReadOnlyList<(ProfileId Person, long Place)> Readers(Job job) =>
        job.Group.IsNone ? Followers(job.Author, job.After, job.Through) : Groups.Members(job.Group, job.After, job.Through);

    private List<(ProfileId Person, long Place)> Followers(ProfileId author, long after, long through) =>
        session.State.Subscriptions.Values.Where(found => found.Publisher == author && found.IsSubscriberLocal
            && found.State == SubscriptionState.Active && found.Id.Value > after && found.Id.Value <= through)
            .Select(found => (found.Subscriber, found.Id.Value)).ToList();

    private InMemoryGroups Groups => (InMemoryGroups)session.Groups;

    private void Add(Notice notice, ProfileId owner)
    {
        if (session.State.Notices.ContainsKey(notice.Id.Value))
            throw new StoreException($"The number {notice.Id} is taken.");
        if (notice.Conversation.IsNone)
            notice = notice with { Conversation = notice.Id };
        Set(notice with { Counts = default });
        if (notice.IsCountedReply)
            session.Count(notice.ReplyTo, new NoticeCounts(1, 0, 0));
        if (notice.IsCounted)
            session.Count(notice.Author, new ProfileCounts(1, 0, 0, 0));
        Bring(notice.Uri, notice.Scope, new Bringing(notice.Id, owner, notice.Author));
        AddHome(owner, notice.Id, notice.Author, At(notice));
        AddMentions(notice, notice.Id);
    }

    private void Set(Notice notice) => session.State = session.State with
    {
        Notices = session.State.Notices.SetItem(
            notice.Id.Value, new StoredNotice(notice, session.State.Notices.TryGetValue(notice.Id.Value, out var known) && known.IsDeleted)),
    };

    private void Bring(NoticeUri uri, SubscriptionId scope, Bringing bringing) =>
        session.State = session.State with { Bringings = session.State.Bringings.SetItem((uri, scope), bringing) };

    private void AddHome(ProfileId owner, NoticeId notice, ProfileId author, TimelinePosition position)
    {
        if (!session.State.Home.ContainsKey((owner, notice)))
            session.State = session.State with { Home = session.State.Home.Add((owner, notice), new HomeEntry(author, Place(notice, position))) };
    }

    private void AddMentions(Notice notice, NoticeId copy)
    {
        foreach (var person in notice.Mentions)
            AddMention(person, copy, At(notice));
    }

    private void AddMention(ProfileId person, NoticeId notice, TimelinePosition position)
    {
        if (!session.State.Mentions.ContainsKey((person, notice)))
            session.State = session.State with { Mentions = session.State.Mentions.Add((person, notice), Place(notice, position)) };
    }

    // The notice may have been numbered after what brings it now.
    private static TimelinePosition Place(NoticeId notice, TimelinePosition position) =>
        new(Math.Max(notice.Value, position.Value));

    private static TimelinePosition At(Notice notice) => TimelinePosition.FromNoticeId(notice.Id);
}
