using Microblog.Storage;

namespace Microblog.TwitterApi.Objects;

/// <summary>What is shown beside notices and people, and is not part of them: what the reader did to them, how the reader stands to them, and what is
/// counted. Read for a whole page at once, on the snapshot that the page is from.</summary>
internal sealed class Surroundings
{
    /// <summary>Who reads; none for the public.</summary>
    public required ProfileId Reader { get; init; }

    /// <summary>Which of the notices the reader marked or passed on.</summary>
    public required IReadOnlyDictionary<NoticeId, Reaction> Reactions { get; init; }

    /// <summary>What is counted of the people.</summary>
    public required IReadOnlyDictionary<ProfileId, ProfileCounts> Counts { get; init; }

    /// <summary>How the reader stands to the people; nobody who is a stranger.</summary>
    public required IReadOnlyDictionary<ProfileId, Relation> Relations { get; init; }

    /// <summary>Who wrote what is answered, as far as the reader may see that.</summary>
    public required IReadOnlyDictionary<NoticeId, Profile> Answered { get; init; }

    /// <summary>People of this node who are mentioned, by nickname.</summary>
    public required IReadOnlyDictionary<string, Profile> Mentioned { get; init; }

    /// <summary>Reads what is shown beside some notices and people.</summary>
    public static async ValueTask<Surroundings> ReadAsync(
        IReadSession session, ProfileId reader, IEnumerable<TimelineEntry> entries, IEnumerable<Profile> people, CancellationToken cancellationToken)
    {
        List<TimelineEntry> shown = [.. entries.SelectMany(entry => entry.Repeated is { } repeated ? new[] { entry, repeated } : [entry])];
        List<ProfileId> shownPeople = [.. people.Concat(shown.Select(entry => entry.Author)).Select(person => person.Id).Distinct()];
        List<ProfileId> others = reader.IsNone ? [] : [.. shownPeople.Where(person => person != reader)];
        List<NoticeId> answered = [.. shown.Select(entry => entry.Notice.ReplyTo).Where(id => !id.IsNone).Distinct()];
        return new Surroundings
        {
            Reader = reader,
            Reactions = await ReactionsAsync(session, reader, shown, cancellationToken).ConfigureAwait(false),
            Counts = await session.Profiles.CountAsync(shownPeople, cancellationToken).ConfigureAwait(false),
            Relations = others.Count == 0 ? Empty<ProfileId, Relation>()
                : await session.Subscriptions.RelateAsync(reader, others, cancellationToken).ConfigureAwait(false),
            Answered = await AnsweredAsync(session, reader, answered, cancellationToken).ConfigureAwait(false),
            Mentioned = await MentionedAsync(session, shown, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async ValueTask<IReadOnlyDictionary<NoticeId, Reaction>> ReactionsAsync(
        IReadSession session, ProfileId reader, List<TimelineEntry> entries, CancellationToken cancellationToken)
    {
        // What nobody did anything to, as whatever is new, is not asked for.
        List<NoticeId> notices = reader.IsNone ? [] : [.. entries.Select(entry => entry.Notice)
            .Where(notice => notice.Counts is { Favourites: > 0 } or { Repeats: > 0 }).Select(notice => notice.Id).Distinct()];
        var found = new Dictionary<NoticeId, Reaction>();
        foreach (var some in notices.Chunk(PageRequest.MaxCount))
        {
            foreach (var reaction in await session.Reactions.ListAsync(reader, some, cancellationToken).ConfigureAwait(false))
                found[reaction.Notice] = reaction;
        }

        return found;
    }

    private static async ValueTask<IReadOnlyDictionary<NoticeId, Profile>> AnsweredAsync(
        IReadSession session, ProfileId reader, List<NoticeId> notices, CancellationToken cancellationToken)
    {
        var found = new Dictionary<NoticeId, Profile>();
        foreach (var some in notices.Chunk(PageRequest.MaxCount))
        {
            foreach (var entry in await session.Notices.ListAsync(some, reader, cancellationToken).ConfigureAwait(false))
                found[entry.Notice.Id] = entry.Author;
        }

        return found;
    }

    private static async ValueTask<IReadOnlyDictionary<string, Profile>> MentionedAsync(
        IReadSession session, List<TimelineEntry> entries, CancellationToken cancellationToken)
    {
        const int MaxMentioned = 100;
        var found = new Dictionary<string, Profile>(StringComparer.Ordinal);
        foreach (var id in entries.SelectMany(entry => entry.Notice.Mentions).Distinct().Take(MaxMentioned))
        {
            if (await session.Profiles.FindAsync(id, cancellationToken).ConfigureAwait(false) is { MayAct: true } person)
                found[person.Nickname] = person;
        }

        return found;
    }

    private static Dictionary<TKey, TValue> Empty<TKey, TValue>()
        where TKey : notnull => [];
}
