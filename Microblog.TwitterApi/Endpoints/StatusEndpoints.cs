using Microblog.Atom;
using Microblog.Feeds;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Single notices: reading, writing, deleting and passing on (§8.2).</summary>
internal sealed class StatusEndpoints(MicroblogNode node, NodeAddresses addresses, StatusPages pages, StatusWriting writing) : IApiEndpoints
{
    private const int MostRepeats = 100;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("statuses/show", ApiFormats.Object | ApiFormats.Atom, ApiAccess.Anyone, ShowAsync) { TakesId = true },
        new("statuses/update", ApiFormats.Object, ApiAccess.Write, writing.UpdateAsync) { TakesFile = true, RemembersNonce = true },
        new("statuses/update_with_media", ApiFormats.Object, ApiAccess.Write, writing.UpdateAsync) { TakesFile = true, RemembersNonce = true },
        new("statuses/destroy", ApiFormats.Object, ApiAccess.Write, DestroyAsync) { TakesId = true, AlsoByDelete = true },
        new("statuses/retweet", ApiFormats.Object, ApiAccess.Write, RepeatAsync) { TakesId = true },
        new("statuses/unretweet", ApiFormats.Object, ApiAccess.Write, TakeRepeatBackAsync) { TakesId = true },
        new("statuses/retweets", ApiFormats.Object, ApiAccess.Person, RepeatsAsync) { TakesId = true },
    ];

    private async ValueTask<ApiResult> ShowAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) => await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is { } entry
            ? call.Format == ApiFormats.Atom
                ? await AtomAsync(session, call, entry, ct).ConfigureAwait(false)
                : await pages.AnswerAsync(session, call, entry, ct).ConfigureAwait(false)
            : await MissingAsync(session, call, ct).ConfigureAwait(false),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> AtomAsync(IReadSession session, ApiCall call, TimelineEntry entry, CancellationToken cancellationToken)
    {
        var shown = (await Threading.ShowAsync(session, addresses, call.Reader, [entry], cancellationToken).ConfigureAwait(false))[0];
        return ApiResult.Of(AtomEntry.Write(shown.Notice, shown.Author), AtomEntry.MediaType + ";charset=utf-8", StatusPages.NewestOf([shown]));
    }

    private static async ValueTask<ApiRefusal> MissingAsync(IReadSession session, ApiCall call, CancellationToken cancellationToken) =>
        call.StatusNumber > 0 && await session.Notices.IsDeletedAsync(new NoticeId(call.StatusNumber), cancellationToken).ConfigureAwait(false)
            ? new ApiRefusal(410, 144, "This status was deleted.")
            : ApiRefusal.NoStatus();

    private async ValueTask<ApiResult> DestroyAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (result, notice) = await node.ReadAsync(
            async (session, ct) =>
            {
                if (await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is not { } entry)
                    return ((ApiResult)await MissingAsync(session, call, ct).ConfigureAwait(false), default(NoticeId));
                return entry.Notice.Author == call.Reader
                    ? (await pages.AnswerAsync(session, call, entry, ct).ConfigureAwait(false), entry.Notice.Id)
                    : (ApiRefusal.Forbidden("This status is somebody else's."), default);
            },
            cancellationToken).ConfigureAwait(false);
        // Where it went in between, somebody else was faster with the same.
        return notice.IsNone || await node.DeleteAsync(call.Reader, notice, cancellationToken).ConfigureAwait(false) ? result : ApiRefusal.NoStatus();
    }

    // Everything that speaks against it is 400, as clients expect here.
    private async ValueTask<ApiResult> RepeatAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var found = await FindAsync(call, cancellationToken).ConfigureAwait(false);
        if (found is null)
            return ApiRefusal.Bad("There is no such status.");
        if ((found.Repeated ?? found).Notice.Author == call.Reader)
            return ApiRefusal.Bad("You cannot repeat your own status.");
        var repeated = await node.RepeatAsync(call.Reader, found.Notice.Id, StatusWriting.SourceOf(call), cancellationToken).ConfigureAwait(false);
        return repeated.IsDone(out var notice, out var problem)
            ? await writing.AnswerAsync(call, notice, cancellationToken).ConfigureAwait(false)
            : ApiRefusal.Bad(problem);
    }

    private async ValueTask<ApiResult> TakeRepeatBackAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (entry, repeat) = await node.ReadAsync(
            async (session, ct) =>
            {
                if (await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is not { } found)
                    return default;
                var reactions = await session.Reactions.ListAsync(call.Reader, [(found.Repeated ?? found).Notice.Id], ct).ConfigureAwait(false);
                return (found.Repeated ?? found, reactions is [{ Repeat: var own }] ? own : default);
            },
            cancellationToken).ConfigureAwait(false);
        if (entry is null || repeat.IsNone || !await node.DeleteAsync(call.Reader, repeat, cancellationToken).ConfigureAwait(false))
            return ApiRefusal.NoStatus();
        return await writing.AnswerAsync(call, entry.Notice, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiResult> RepeatsAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            if (await StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct).ConfigureAwait(false) is not { } entry)
                return ApiRefusal.NoStatus();
            var repeats = new List<TimelineEntry>();
            foreach (var person in await session.Reactions.ListRepeatersAsync(
                entry.Notice.Id, call.Reader, call.Parameters.Count(MostRepeats, MostRepeats), ct).ConfigureAwait(false))
            {
                if (await session.Reactions.ListAsync(person.Id, [entry.Notice.Id], ct).ConfigureAwait(false) is [{ Repeat: { IsNone: false } repeat }]
                    && await session.Notices.FindAsync(repeat, call.Reader, ct).ConfigureAwait(false) is { } found)
                    repeats.Add(found);
            }

            return pages.Answer(call, repeats, await Surroundings.ReadAsync(session, call.Reader, repeats, [], ct).ConfigureAwait(false));
        },
        cancellationToken).ConfigureAwait(false);

    private Task<TimelineEntry?> FindAsync(ApiCall call, CancellationToken cancellationToken) => node.ReadAsync(
        (session, ct) => StatusPages.FindAsync(session, call.Reader, call.StatusNumber, ct), cancellationToken);
}
