using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Lists of notices (twitter-compatible API §8.1).</summary>
internal sealed class TimelineEndpoints(MicroblogNode node, PeopleFinder people, StatusPages pages, FeedPages feeds) : IApiEndpoints
{
    private delegate ValueTask<ApiRefusal?> Open(IReadSession session, List list, CancellationToken cancellationToken);

    private const ApiFormats WithoutRss = ApiFormats.Object | ApiFormats.Atom;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        Get("statuses/public_timeline", ApiAccess.Anyone, PublicAsync),
        Of("statuses/home_timeline", HomeAsync),
        Of("statuses/friends_timeline", HomeWithoutRepeatsAsync),
        Of("statuses/user_timeline", UserAsync),
        Of("statuses/mentions", MentionsAsync),
        Of("statuses/replies", MentionsAsync),
        Of("statuses/mentions_timeline", MentionsAsync),
        Get("statuses/retweeted_by_me", ApiAccess.Person, RepeatedByMeAsync) with { Formats = WithoutRss },
        Get("statuses/retweeted_to_me", ApiAccess.Person, RepeatedToMeAsync) with { Formats = WithoutRss },
        Get("statuses/retweets_of_me", ApiAccess.Person, RepeatsOfMeAsync) with { Formats = WithoutRss },
        Of("favorites", FavouritesAsync),
        Of("favorites/list", FavouritesAsync),
        Get("statusnet/groups/timeline", ApiAccess.Anyone, GroupAsync) with { TakesId = true },
        Get("statusnet/tags/timeline", ApiAccess.Anyone, TagAsync) with { TakesId = true, NeedsId = true },
        Get("statusnet/conversation", ApiAccess.Anyone, ConversationAsync) with { TakesId = true },
    ];

    private ApiEndpoint Of(string path, Open open) => Get(path, ApiAccess.Named, open) with { TakesId = true };

    private ApiEndpoint Get(string path, ApiAccess access, Open open) => new(path, ApiFormats.Timeline, access, async (call, token) =>
        await node.ReadAsync(
            Freshness.MayLag,
            async (session, ct) =>
            {
                var list = new List(call, ct);
                if (await open(session, list, ct).ConfigureAwait(false) is { } refusal)
                    return refusal;
                var entries = await list.ReadAsync().ConfigureAwait(false);
                if (FeedPages.IsWanted(call))
                    return await feeds.AnswerAsync(session, call, list.Names, entries, ct).ConfigureAwait(false);
                var beside = await Surroundings.ReadAsync(session, call.Reader, entries, [], ct).ConfigureAwait(false);
                return pages.Answer(call, entries, beside, list.IsByPosition);
            },
            token).ConfigureAwait(false));

    private static ValueTask<ApiRefusal?> PublicAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        list.Name("Public timeline", "/", "PublicTimeline");
        return list.From(page => session.Timelines.PublicAsync(list.Reader, page, list.Token));
    }

    // What others hear is theirs alone.
    private async ValueTask<ApiRefusal?> HomeAsync(IReadSession session, List list, CancellationToken cancellationToken) =>
        await OwnAsync(session, list, "Home", "/home", cancellationToken).ConfigureAwait(false)
        ?? await list.From(page => session.Timelines.HomeAsync(list.Reader, page, list.Token), byPosition: true).ConfigureAwait(false);

    private async ValueTask<ApiRefusal?> HomeWithoutRepeatsAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        list.Only(entry => entry.Notice.RepeatOf.IsNone);
        return await HomeAsync(session, list, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiRefusal?> MentionsAsync(IReadSession session, List list, CancellationToken cancellationToken) =>
        await OwnAsync(session, list, "Mentions", "/mentions", cancellationToken).ConfigureAwait(false)
        ?? await list.From(page => session.Timelines.MentionsAsync(list.Reader, page, list.Token), byPosition: true).ConfigureAwait(false);

    private async ValueTask<ApiRefusal?> UserAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        if (await people.FindAsync(session, list.Call, cancellationToken).ConfigureAwait(false) is not { } person)
            return ApiRefusal.NotFound("There is no such user.");
        list.Name($"Notices of {person.Address}", person.IsLocal ? "/" + person.Nickname : $"/user/{person.Id}", $"UserTimeline:{person.Id}");
        return await list.From(page => session.Timelines.ProfileAsync(person.Id, list.Reader, page, list.Token)).ConfigureAwait(false);
    }

    private ValueTask<ApiRefusal?> RepeatedByMeAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        list.Name("Repeated by you", "/" + list.Call.Person.Nickname, $"RetweetedByMe:{list.Reader}");
        list.Only(entry => !entry.Notice.RepeatOf.IsNone);
        return list.From(page => session.Timelines.ProfileAsync(list.Reader, list.Reader, page, list.Token));
    }

    private ValueTask<ApiRefusal?> RepeatedToMeAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        list.Name("Repeated for you", "/home", $"RetweetedToMe:{list.Reader}");
        list.Only(entry => !entry.Notice.RepeatOf.IsNone && entry.Notice.Author != list.Reader);
        return list.From(page => session.Timelines.HomeAsync(list.Reader, page, list.Token), byPosition: true);
    }

    private ValueTask<ApiRefusal?> RepeatsOfMeAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        list.Name("Yours that others repeated", "/" + list.Call.Person.Nickname, $"RetweetsOfMe:{list.Reader}");
        list.Only(entry => entry.Notice.RepeatOf.IsNone && entry.Notice.Counts.Repeats > 0);
        return list.From(page => session.Timelines.ProfileAsync(list.Reader, list.Reader, page, list.Token));
    }

    private async ValueTask<ApiRefusal?> FavouritesAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        if (await people.FindAsync(session, list.Call, cancellationToken).ConfigureAwait(false) is not { } person)
            return ApiRefusal.NotFound("There is no such user.");
        list.Name($"Favourites of {person.Address}", $"/{person.Nickname}/favourites", $"Favorites:{person.Id}");
        // Ordered by when they were marked, so a number says nothing about where to go on: it only filters.
        var (since, max) = (list.Call.Parameters.Number("since_id"), list.Call.Parameters.Number("max_id"));
        list.Only(entry => entry.Notice.Id.Value > since && (max == 0 || entry.Notice.Id.Value <= max));
        return await list.From(
            page => session.Timelines.FavouritesAsync(person.Id, list.Reader, page, list.Token), isByNumber: false).ConfigureAwait(false);
    }

    private static async ValueTask<ApiRefusal?> GroupAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        if (await PeopleFinder.FindGroupAsync(session, list.Call, cancellationToken).ConfigureAwait(false) is not { } group)
            return ApiRefusal.NotFound("There is no such group.");
        list.Name("!" + group.Nickname, "/group/" + group.Nickname, $"GroupTimeline:{group.Id}");
        return await list.From(page => session.Timelines.GroupAsync(group.Id, list.Reader, page, list.Token)).ConfigureAwait(false);
    }

    private static ValueTask<ApiRefusal?> TagAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        var tag = NoticeText.FoldTag(list.Call.PathId);
        list.Name("#" + tag, "/tag/" + Uri.EscapeDataString(tag), "TagTimeline:" + Uri.EscapeDataString(tag));
        return list.From(page => session.Timelines.TagAsync(tag, list.Reader, page, list.Token));
    }

    private static ValueTask<ApiRefusal?> ConversationAsync(IReadSession session, List list, CancellationToken cancellationToken)
    {
        var id = new NoticeId(list.Call.StatusNumber);
        list.Name("Conversation", $"/conversation/{id}", $"Conversation:{id}");
        return list.From(page => session.Timelines.ConversationAsync(id, list.Reader, page, list.Token));
    }

    private async ValueTask<ApiRefusal?> OwnAsync(IReadSession session, List list, string title, string path, CancellationToken cancellationToken)
    {
        if (await people.FindAsync(session, list.Call, cancellationToken).ConfigureAwait(false) is not { } person)
            return ApiRefusal.NotFound("There is no such user.");
        list.Name(title, path, $"{title}Timeline:{person.Id}");
        return person.Id == list.Reader ? null : ApiRefusal.Forbidden("Only they themselves see what others hear.");
    }

    /// <summary>A list that is about to be read.</summary>
    private sealed class List(ApiCall call, CancellationToken token)
    {
        private Func<PageRequest, CancellationToken, ValueTask<EntryPage>>? read;
        private Func<TimelineEntry, bool> isWanted = StatusPages.IsNoLetter;
        private bool isByNumber = true;

        public ApiCall Call => call;

        public CancellationToken Token => token;

        public ProfileId Reader => call.Reader;

        public bool IsByPosition { get; private set; }

        /// <summary>What it is called as a feed, where its page is, and what names it for good.</summary>
        public (string Title, string Path, string Id) Names { get; private set; }

        public void Name(string title, string path, string id) => Names = (title, path, id);

        public void Only(Func<TimelineEntry, bool> more)
        {
            var before = isWanted;
            isWanted = entry => before(entry) && more(entry);
        }

        public ValueTask<ApiRefusal?> From(Func<PageRequest, ValueTask<EntryPage>> list, bool byPosition = false, bool isByNumber = true)
        {
            (read, IsByPosition, this.isByNumber) = ((page, _) => list(page), byPosition, isByNumber);
            return new(default(ApiRefusal));
        }

        public ValueTask<List<TimelineEntry>> ReadAsync() => StatusPages.ReadAsync(call, read!, isWanted, isByNumber, token);
    }
}
