using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Answers with people, each with the newest notice that the reader may see.</summary>
internal sealed class UserPages(MicroblogNode node, PeopleFinder people, UserObject users, StatusObject statuses)
{
    private const int MostNames = 100;

    /// <summary>Answers with one person as they are now.</summary>
    public async ValueTask<ApiResult> AnswerAsync(ApiCall call, ProfileId id, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) => await PeopleFinder.FindByNumberAsync(session, call.Reader, id, ct).ConfigureAwait(false) is { } person
            ? await AnswerAsync(session, call, person, ct).ConfigureAwait(false)
            : ApiRefusal.NotFound("There is no such user."),
        cancellationToken).ConfigureAwait(false);

    /// <summary>Answers with one person.</summary>
    public async ValueTask<ApiResult> AnswerAsync(IReadSession session, ApiCall call, Profile person, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(session, call, [person], withStatus: true, cancellationToken).ConfigureAwait(false);
        return call.Answer(writer => Write(writer, person, page), page.Latest.GetValueOrDefault(person.Id)?.Notice.AcceptedAt);
    }

    /// <summary>Answers with several people: a bare list, or one with the way to the next.</summary>
    /// <param name="session">The snapshot that they are from.</param>
    /// <param name="call">Says in what format, and whether their notices are wanted.</param>
    /// <param name="shown">The people.</param>
    /// <param name="next">The cursor of what follows, 0 at the end; <see langword="null"/> for a bare list.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<ApiResult> AnswerAsync(
        IReadSession session, ApiCall call, IReadOnlyList<Profile> shown, long? next, CancellationToken cancellationToken)
    {
        var withStatus = !call.Parameters.IsOn("lite") && !call.Parameters.IsOn("skip_status");
        var page = await ReadAsync(session, call, shown, withStatus, cancellationToken).ConfigureAwait(false);
        return call.Answer(writer =>
        {
            if (next is not null)
                writer.StartObject("users_list");
            writer.StartList("users");
            foreach (var person in shown)
                Write(writer, person, page);
            writer.EndList();
            if (next is not { } cursor)
                return;
            UserEndpoints.WriteCursors(writer, cursor);
            writer.EndObject();
        });
    }

    /// <summary>The people whom <c>user_id</c> and <c>screen_name</c> list, as far as the reader may know of them.</summary>
    public async ValueTask<List<Profile>> FindAllAsync(IReadSession session, ApiCall call, CancellationToken cancellationToken)
    {
        var found = new List<Profile>();
        foreach (var number in Names("user_id"))
            Add(await PeopleFinder.FindByNumberAsync(session, call.Reader, new ProfileId(ApiParameters.Number(number)), cancellationToken).ConfigureAwait(false));
        foreach (var person in await people.FindByNamesAsync(session, call.Reader, Names("screen_name").Take(MostNames - found.Count), cancellationToken).ConfigureAwait(false))
            Add(person);
        return found;

        IEnumerable<string> Names(string parameter) =>
            call.Parameters[parameter].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MostNames);

        void Add(Profile? person)
        {
            if (person is not null && found.All(known => known.Id != person.Id))
                found.Add(person);
        }
    }

    /// <summary>What is shown of some people and beside them.</summary>
    public static async ValueTask<UserPage> ReadAsync(
        IReadSession session, ApiCall call, IReadOnlyList<Profile> shown, bool withStatus, CancellationToken cancellationToken)
    {
        var latest = withStatus && shown.Count > 0
            ? await session.Timelines.LatestAsync([.. shown.Select(person => person.Id).Distinct()], call.Reader, cancellationToken).ConfigureAwait(false)
            : new Dictionary<ProfileId, TimelineEntry>();
        return new UserPage(latest, await Surroundings.ReadAsync(session, call.Reader, latest.Values, shown, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Writes a person of a page.</summary>
    public void Write(ApiWriter writer, Profile person, UserPage page) => users.Write(
        writer, "user", person, page.Beside,
        page.Latest.GetValueOrDefault(person.Id) is { } entry ? () => statuses.WriteWithoutUser(writer, entry, page.Beside) : null);
}

/// <summary>People as they are shown.</summary>
/// <param name="Latest">The newest notice of each who has one that the reader may see.</param>
/// <param name="Beside">What is shown beside.</param>
internal sealed record UserPage(IReadOnlyDictionary<ProfileId, TimelineEntry> Latest, Surroundings Beside);
