using Microblog.Feeds;
using Microblog.Search;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Looking for notices (§8.9, §10).</summary>
internal sealed class SearchEndpoints(MicroblogNode node, NodeAddresses addresses, StatusObject statuses, TimeProvider clock) : IApiEndpoints
{
    private const int Deepest = 1_000;
    private const int MostReads = 8;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("search", ApiFormats.Json | ApiFormats.Atom, ApiAccess.Anyone, SearchOldAsync),
        new("search/tweets", ApiFormats.Json, ApiAccess.Anyone, SearchAsync),
        new("trends", ApiFormats.Json, ApiAccess.Anyone, (_, _) => new(new ApiRefusal(501, 34, "Nobody counts what is talked about here."))),
    ];

    private async ValueTask<ApiResult> SearchAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var count = call.Parameters.Count(20, 100);
        return await FindAsync(
            call,
            count,
            (found, _, beside) => call.Answer(writer =>
            {
                writer.StartObject("hash");
                writer.StartList("statuses");
                foreach (var entry in found)
                    statuses.Write(writer, entry, beside);
                writer.EndList();
                writer.StartObject("search_metadata");
                writer.Write("completed_in", clock.GetElapsedTime(started).TotalSeconds);
                writer.WriteId("max_id", found.Count == 0 ? 0 : found[0].Notice.Id.Value);
                writer.Write("query", Uri.EscapeDataString(call.Parameters["q"]));
                writer.Write("count", count);
                writer.WriteId("since_id", call.Parameters.Number("since_id"));
                if (found.Count == count)
                    writer.Write("next_results", $"?max_id={found[^1].Notice.Id.Value - 1}&q={Uri.EscapeDataString(call.Parameters["q"])}&count={count}");
                writer.EndObject();
                writer.EndObject();
            }),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiResult> SearchOldAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var count = call.Parameters.Count(15, 100, "rpp");
        var page = call.Parameters.Page;
        return await FindAsync(
            call,
            count,
            (found, hasMore, beside) =>
            {
                var query = Uri.EscapeDataString(call.Parameters["q"].ToLowerInvariant());
                var newest = found.Count == 0 ? call.Parameters.Number("since_id") : found.Max(entry => entry.Notice.Id.Value);
                var turns = new SearchTurns(
                    $"?since_id={newest}&q={query}",
                    hasMore ? $"?page={page + 1}&q={query}&rpp={count}" : null,
                    page > 1 ? $"?page={page - 1}&q={query}&rpp={count}" : null);
                return call.Format == ApiFormats.Atom ? AnswerFeed(call, found, turns) : call.Answer(writer =>
                {
                    writer.StartObject("hash");
                    writer.StartList("results");
                    foreach (var entry in found)
                        WriteResult(writer, entry, beside);
                    writer.EndList();
                    writer.Write("since_id", call.Parameters.Number("since_id"));
                    writer.Write("max_id", newest);
                    writer.Write("refresh_url", turns.Refresh);
                    if (turns.Next is not null)
                        writer.Write("next_page", turns.Next);
                    if (turns.Previous is not null)
                        writer.Write("previous_page", turns.Previous);
                    writer.Write("results_per_page", count);
                    writer.Write("completed_in", clock.GetElapsedTime(started).TotalSeconds);
                    writer.Write("page", page);
                    writer.Write("query", query);
                    writer.EndObject();
                });
            },
            cancellationToken).ConfigureAwait(false);
    }

    private ApiResult AnswerFeed(ApiCall call, IReadOnlyList<TimelineEntry> found, SearchTurns turns) => ApiResult.Of(
        SearchFeed.Write(call.Parameters["q"], addresses.Origin + call.Request.RawTarget, turns, found, addresses),
        ApiFormat.MediaType(ApiFormats.Atom),
        StatusPages.NewestOf(found));

    private void WriteResult(ApiWriter writer, TimelineEntry entry, Surroundings beside)
    {
        var answered = beside.Answered.GetValueOrDefault(entry.Notice.ReplyTo);
        writer.StartObject("result");
        writer.Write("text", entry.Notice.Content);
        writer.WriteNumber("to_user_id", answered?.Id.Value ?? 0);
        writer.Write("to_user", answered?.Address);
        writer.Write("from_user", entry.Author.Address);
        writer.WriteId("id", entry.Notice.Id.Value);
        writer.Write("from_user_id", entry.Author.Id.Value);
        writer.Write("iso_language_code", entry.Notice.Language.Length > 0 ? entry.Notice.Language : null);
        writer.Write("source", StatusObject.SourceOf(entry.Notice));
        writer.Write("profile_image_url", addresses.AvatarUrl(entry.Author));
        writer.Write("created_at", FeedXml.Rfc822(entry.Notice.AcceptedAt));
        writer.EndObject();
    }

    private async ValueTask<ApiResult> FindAsync(
        ApiCall call, int count, Func<IReadOnlyList<TimelineEntry>, bool, Surroundings, ApiResult> answer, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', call.Parameters["q"].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.StartsWith("to:", StringComparison.OrdinalIgnoreCase) ? "@" + word[3..] : word));
        if (!SearchQuery.TryParse(text, out var query, out var problem, addresses.Host))
            return new ApiRefusal(400, 25, problem);
        var skipped = (call.Parameters.Page - 1) * count;
        var (since, max) = (call.Parameters.Number("since_id"), call.Parameters.Number("max_id"));
        var language = call.Parameters["lang"];
        return await node.ReadAsync(
            Freshness.MayLag,
            async (session, ct) =>
            {
                var found = new List<TimelineEntry>();
                TimelinePosition? before = max is > 0 and < long.MaxValue ? new TimelinePosition(max + 1) : null;
                var hasMore = skipped + count <= Deepest;
                var chunk = language.Length > 0 ? PageRequest.MaxCount : (int)Math.Min(PageRequest.MaxCount, skipped + count);
                // A language that nobody writes does not lead through all there is.
                for (var reads = 0; hasMore && found.Count < count; reads++)
                {
                    var page = await session.Search.NoticesAsync(query, call.Reader, before, chunk, ct).ConfigureAwait(false);
                    var isMoreOnPage = false;
                    foreach (var entry in page.Where(StatusPages.IsNoLetter).Where(entry => language.Length == 0 || entry.Notice.Language == language))
                    {
                        if (entry.Notice.Id.Value <= since)
                            return answer(found, false, await BesideAsync().ConfigureAwait(false));
                        if (skipped-- > 0)
                            continue;
                        isMoreOnPage = found.Count == count;
                        if (isMoreOnPage)
                            break;
                        found.Add(entry);
                    }

                    (before, hasMore) = (page.Older, isMoreOnPage || (page.Older is not null && page.Count > 0 && reads < MostReads - 1));
                }

                return answer(found, hasMore, await BesideAsync().ConfigureAwait(false));

                ValueTask<Surroundings> BesideAsync() => Surroundings.ReadAsync(session, call.Reader, found, [], ct);
            },
            cancellationToken).ConfigureAwait(false);
    }
}
