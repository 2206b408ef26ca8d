using Microblog.Http;
using Microblog.Search;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>The page on which people look for notices and for each other.</summary>
internal sealed class SearchRoutes(PageRoutes pages, MicroblogNode node, NodeAddresses addresses) : INodeRoutes
{
    private const int Count = 20;
    private const int PeopleCount = 50;

    public IEnumerable<NodeRoute> Routes => [pages.Get("/search", ShowAsync)];

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var typed = visit.Query["q"];
        var page = new SearchResultPage { Query = typed, IsForPeople = visit.Query["for"] == "people" };
        if (string.IsNullOrWhiteSpace(typed))
            return visit.Page(page);
        if (!SearchQuery.TryParse(typed, out var query, out var problem, addresses.Host))
            return visit.Page(page with { Problem = problem, Query = typed.Length > SearchQuery.MaxLength ? "" : typed });
        return visit.Page(page.IsForPeople
            ? page with { People = await PeopleAsync(visit, query, cancellationToken).ConfigureAwait(false) }
            : await NoticesAsync(visit, page, query, cancellationToken).ConfigureAwait(false));
    }

    private Task<IReadOnlyList<Profile>> PeopleAsync(Visit visit, SearchQuery query, CancellationToken cancellationToken) => node.ReadAsync(
        visit.Freshness, (session, ct) => session.Search.PeopleAsync(query, visit.Viewer, PeopleCount, ct), cancellationToken);

    private async Task<SearchResultPage> NoticesAsync(Visit visit, SearchResultPage page, SearchQuery query, CancellationToken cancellationToken)
    {
        var before = Visit.Number(visit.Query["before"]) is > 0 and var number ? new TimelinePosition(number) : (TimelinePosition?)null;
        return await node.ReadAsync(
            visit.Freshness,
            async (session, ct) =>
            {
                var found = await session.Search.NoticesAsync(query, visit.Viewer, before, Count, ct).ConfigureAwait(false);
                return page with
                {
                    Notices = found,
                    Reactions = await TimelineSlice.ReactionsAsync(session, visit.Viewer, found, ct).ConfigureAwait(false),
                    Here = $"/search?q={Uri.EscapeDataString(page.Query)}{(before is { } place ? $"&before={place}" : "")}",
                    Older = found.Older,
                };
            },
            cancellationToken).ConfigureAwait(false);
    }
}
