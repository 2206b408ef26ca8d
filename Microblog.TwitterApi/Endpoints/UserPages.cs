using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Answers with people, each with the newest notice that the reader may see.</summary>
internal sealed class UserPages(MicroblogNode node, UserObject users, StatusObject statuses)
{
    private const int Looked = 10;

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

    /// <summary>What is shown of some people and beside them.</summary>
    public static async ValueTask<UserPage> ReadAsync(
        IReadSession session, ApiCall call, IReadOnlyList<Profile> shown, bool withStatus, CancellationToken cancellationToken)
    {
        var latest = new Dictionary<ProfileId, TimelineEntry>();
        foreach (var person in withStatus ? shown : [])
        {
            var page = await session.Timelines.ProfileAsync(person.Id, call.Reader, PageRequest.Newest(Looked), cancellationToken).ConfigureAwait(false);
            if (page.FirstOrDefault(StatusPages.IsNoLetter) is { } entry)
                latest[person.Id] = entry;
        }

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
