using Microblog.Moderation;

namespace Microblog.Storage.Conformance;

/// <summary>Who may see what, written down a second time as plainly as possible and sharing nothing with the stores.</summary>
internal sealed class VisibilityModel
{
    public List<Profile> People { get; } = [];

    /// <summary>The unproven profile of the one remote person, by listener.</summary>
    public Dictionary<ProfileId, Profile> Heard { get; } = [];

    public Profile? Proven { get; set; }

    public List<Shown> Notices { get; } = [];

    /// <summary>Requested and active ones.</summary>
    public List<Subscription> Subscriptions { get; } = [];

    public HashSet<(ProfileId Blocker, ProfileUri Blocked)> Blocks { get; } = [];

    /// <summary>How people stand to each group; who is missing is a stranger.</summary>
    public Dictionary<GroupId, Dictionary<ProfileId, GroupStanding>> Groups { get; } = [];

    public ProfileUri UriOf(ProfileId id) => People.Concat(Heard.Values).Single(person => person.Id == id).Uri;

    public void Publish(Notice notice, Shown? repeated = null)
    {
        var shown = new Shown { Notice = notice, Repeated = repeated };
        IEnumerable<ProfileId> readers = [notice.Author, .. notice.Audience];
        if (notice.Visibility != Visibility.Direct)
            readers = [.. readers, .. notice.Mentions, .. Subscriptions.Where(found => IsActive(found, notice.Author)).Select(found => found.Subscriber)];
        if (notice.Visibility != Visibility.Direct)
        {
            foreach (var group in notice.Groups.Select(named => named.Id).Where(group => IsMember(group, notice.Author)))
            {
                shown.Groups.Add(group);
                readers = [.. readers, .. Groups[group].Keys.Where(person => IsMember(group, person))];
            }
        }

        foreach (var reader in readers)
            shown.Home[reader] = (notice.Author, notice.Id);
        Notices.Add(shown);
    }

    public ReceiveResult Receive(Notice notice, ProfileId listener)
    {
        var copies = Notices.Where(shown => shown.Notice.Uri == notice.Uri).ToList();
        if (copies.Any(shown => shown.Brought.Contains(listener)))
            return ReceiveResult.Duplicate;
        if (copies.Find(shown => shown.Notice.Content == notice.Content) is { } same)
        {
            same.Brought.Add(listener);
            same.Home[listener] = (notice.Author, notice.Id);
            return ReceiveResult.Shared;
        }

        Notices.Add(new Shown { Notice = notice, Brought = { listener }, Home = { [listener] = (notice.Author, notice.Id) } });
        return ReceiveResult.Stored;
    }

    public void Prove(Shown proven)
    {
        proven.IsProven = true;
        var moved = new HashSet<ProfileId>();
        foreach (var other in Notices.Where(shown => shown != proven && shown.Notice.Uri == proven.Notice.Uri).ToList())
        {
            foreach (var repeat in Notices.Where(shown => shown.Repeated == other))
                repeat.Repeated = proven;
            foreach (var (reader, (author, place)) in other.Home)
                proven.Home.TryAdd(reader, (author, place > proven.Notice.Id ? place : proven.Notice.Id));
            foreach (var (person, place) in other.Favourites)
            {
                if (!proven.Favourites.TryGetValue(person, out var mine) || (moved.Contains(person) && place > mine))
                    (proven.Favourites[person], _) = (place, moved.Add(person));
            }

            proven.Brought.UnionWith(other.Brought);
            Notices.Remove(other);
        }
    }

    public ProfileCounts CountsOf(ProfileId person) => new(
        Notices.Count(shown => !shown.IsDeleted && shown.Notice is { IsRemote: false, Visibility: not Visibility.Direct } && shown.Notice.Author == person),
        Subscriptions.Count(found => IsActive(found, person)),
        Subscriptions.Count(found => found.Subscriber == person && found.State == SubscriptionState.Active) + (Hearing.Contains(person) ? 1 : 0),
        Notices.Count(shown => !shown.IsDeleted && shown.Favourites.ContainsKey(person)));

    public Relation RelationOf(ProfileId person, ProfileId other) => new(
        Subscriptions.Any(found => found.Subscriber == person && IsActive(found, other))
            || (Hearing.Contains(person) && Heard[person].Id == other),
        Subscriptions.Any(found => found.Subscriber == person && found.Publisher == other && found.State == SubscriptionState.Requested),
        Subscriptions.Any(found => found.Subscriber == other && IsActive(found, person)),
        Blocks.Contains((person, UriOf(other))),
        Mutes.Contains((person, UriOf(other))));

    public ProfileId AuthorFor(Shown shown, ProfileId viewer) =>
        shown.Home.TryGetValue(viewer, out var known) ? known.Author : shown.IsProven ? Proven!.Id : shown.Notice.Author;

    public bool CanSee(Shown shown, ProfileId viewer)
    {
        if (shown.IsDeleted)
            return false;
        var notice = shown.Notice;
        if (IsHidden(notice.Author) || IsBlocked(notice.Author, viewer))
            return false;
        if (shown.Repeated is { } repeated && (repeated.IsDeleted || IsHidden(repeated.Notice.Author) || IsBlocked(repeated.Notice.Author, viewer)))
            return false;
        if (notice.IsRemote)
            return shown.IsProven || shown.Home.ContainsKey(viewer);
        if (notice.Author == viewer)
            return true;
        if (notice.Visibility == Visibility.Direct)
            return notice.Audience.Contains(viewer);
        if (notice.Visibility == Visibility.Followers)
            return Subscriptions.Any(found => found.Subscriber == viewer && IsActive(found, notice.Author));
        return !notice.IsLocalOnly || !viewer.IsNone;
    }

    public HashSet<(ProfileId Muter, ProfileUri Muted)> Mutes { get; } = [];

    /// <summary>What the operator thinks of people.</summary>
    public Dictionary<ProfileUri, Standing> Standings { get; } = [];

    /// <summary>What the operator thinks of the remote person's domain.</summary>
    public Standing Domain { get; set; }

    /// <summary>Who hears the remote person now.</summary>
    public HashSet<ProfileId> Hearing { get; } = [];

    public bool IsMuted(Shown shown, ProfileId viewer) =>
        IsMuted(shown.Notice.Author, viewer) || (shown.Repeated is { } original && IsMuted(original.Notice.Author, viewer));

    /// <summary>Whether the public timeline shows it to visitors.</summary>
    public bool IsListed(Shown shown) =>
        shown.Notice is { IsRemote: false, Visibility: Visibility.Public } && !IsMuted(shown, default) && CanSee(shown, default);

    public bool IsMuted(ProfileId author, ProfileId viewer) =>
        Mutes.Contains((viewer, UriOf(author))) || (StandingOf(author) == Standing.Silenced && author != viewer && !Hears(viewer, author));

    private bool Hears(ProfileId viewer, ProfileId author) => IsLocal(author)
        ? Subscriptions.Any(found => found.Subscriber == viewer && IsActive(found, author))
        : Hearing.Contains(viewer);

    public bool IsHidden(ProfileId author) => StandingOf(author) == Standing.Suspended;

    private Standing StandingOf(ProfileId author)
    {
        var own = Standings.GetValueOrDefault(UriOf(author));
        return !IsLocal(author) && Domain > own ? Domain : own;
    }

    private bool IsLocal(ProfileId author) => People.Exists(person => person.Id == author);

    private bool IsMember(GroupId group, ProfileId person) => Groups[group].GetValueOrDefault(person) is GroupStanding.Member or GroupStanding.Admin;

    public bool IsBlocked(ProfileId author, ProfileId viewer) =>
        !viewer.IsNone && (Blocks.Contains((viewer, UriOf(author))) || Blocks.Contains((author, UriOf(viewer))));

    private static bool IsActive(Subscription found, ProfileId publisher) =>
        found.Publisher == publisher && found.State == SubscriptionState.Active;

    internal sealed class Shown
    {
        public required Notice Notice { get; set; }

        /// <summary>The listeners whose subscriptions brought it.</summary>
        public HashSet<ProfileId> Brought { get; } = [];

        /// <summary>In whose home timeline it is: the author as they know them, and the number under which it came.</summary>
        public Dictionary<ProfileId, (ProfileId Author, NoticeId Place)> Home { get; } = [];

        /// <summary>Whose favourite it is, and where among theirs.</summary>
        public Dictionary<ProfileId, NoticeId> Favourites { get; } = [];

        /// <summary>The groups in whose timelines it is.</summary>
        public HashSet<GroupId> Groups { get; } = [];

        /// <summary>What it repeats.</summary>
        public Shown? Repeated { get; set; }

        public bool IsProven { get; set; }

        public bool IsDeleted { get; set; }

        /// <summary>Where it was changed or deleted last, or what it repeats was deleted.</summary>
        public TimelinePosition Changed { get; set; }
    }
}
