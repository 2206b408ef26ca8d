using System.Security.Cryptography;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>The public lists as feeds: <c>feed.atom</c>, <c>feed.rss</c> and <c>feed.json</c> below each list's page. They show what a visitor sees, to everybody.</summary>
internal sealed class FeedRoutes(MicroblogNode node, NodeAddresses addresses, FeedLists lists, KnownAnswers known, IEnumerable<FeedHub> hubs) : INodeRoutes
{
    private readonly string? hub = hubs.FirstOrDefault()?.Url;

    private delegate ValueTask<FeedList?> Find(IReadSession session, NodeRequest request, CancellationToken cancellationToken);

    public IEnumerable<NodeRoute> Routes =>
    [
        .. Feeds("", (_, _, _) => new(lists.Public)),
        .. Feeds("/{nickname}", (session, request, ct) => lists.OfPersonAsync(session, request.Route("nickname"), ct)),
        .. Feeds("/{nickname}/favourites", (session, request, ct) => FeedLists.FavouritesOfAsync(session, request.Route("nickname"), ct)),
        .. Feeds("/tag/{tag}", (_, request, _) => new(FeedLists.OfTag(request.Route("tag")))),
        .. Feeds("/group/{name}", (session, request, ct) => FeedLists.OfGroupAsync(session, request.Route("name"), ct)),
        .. Feeds("/conversation/{id}", (_, request, _) => new(FeedLists.OfConversation(new NoticeId(Visit.Number(request.Route("id")))))),
    ];

    /// <summary>Where a page's list is as a feed, for the page's head.</summary>
    /// <param name="frame">Knows where the node is.</param>
    /// <param name="path">The page's path, beginning with a slash.</param>
    public static IEnumerable<HeadElement> Links(PageFrame frame, string path) =>
        FeedLists.Formats.Select(format => new HeadElement.Link("alternate", format.MediaType, frame.At($"{path.TrimEnd('/')}/feed.{format.Extension}")));

    private IEnumerable<NodeRoute> Feeds(string template, Find find) => FeedLists.Formats.Select(format => new NodeRoute
    {
        Method = "GET",
        Template = $"{template}/feed.{format.Extension}",
        Handler = (request, ct) => AnswerAsync(request, format, find, ct),
    });

    private async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, FeedFormat format, Find find, CancellationToken cancellationToken)
    {
        var stamp = await known.StampAsync(request, cancellationToken).ConfigureAwait(false);
        if (known.IsKnown(request, "", stamp, out var had))
            return NotModified(had);
        var wanted = TimelineSlice.Request(NodeForm.OfQuery(request));
        var found = await node.ReadAsync(
            Freshness.MayLag,
            async (session, ct) =>
            {
                if (await find(session, request, ct).ConfigureAwait(false) is not { } list)
                    return default((FeedList List, TimelineSlice Slice)?);
                var entries = await list.ReadAsync(session.Timelines, wanted, ct).ConfigureAwait(false);
                var slice = TimelineSlice.Cut(entries, wanted, list.Path);
                return (list, slice with { Entries = await Threading.ShowAsync(session, addresses, default, slice.Entries, ct).ConfigureAwait(false) });
            },
            cancellationToken).ConfigureAwait(false);
        if (found is not var (list, slice) || (slice.Entries.Count == 0 && list.IsNothingWhenEmpty))
            return NodeResponse.Text(404, "There is nothing at this address.");
        var feed = Compose(list, slice, format);
        var content = format.Write(feed, addresses);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";
        var response = Conditional.IsKnown(request, tag) ? NotModified(tag) : NodeResponse.Bytes(200, format.ContentType, content) with
        {
            Headers = [.. HeadersOf(tag), .. FeedHub.LinksOf(feed)],
        };
        // What leads forward ends below numbers that are still open.
        if (wanted.After is null)
            known.Remember(request, "", stamp, response);
        return response;
    }

    private static NodeResponse NotModified(string tag) => new(304, NodeBody.None) { Headers = HeadersOf(tag) };

    // Whoever keeps it asks each time whether it is still so: what is deleted here disappears there.
    private static KeyValuePair<string, string>[] HeadersOf(string tag) =>
        [new("ETag", tag), new("Cache-Control", "public, no-cache"), new("Access-Control-Allow-Origin", "*")];

    private Feed Compose(FeedList list, TimelineSlice slice, FeedFormat format)
    {
        var path = list.FeedPath(format);
        return new Feed(list.Title, addresses.At(list.Path), addresses.At(path), slice.Entries)
        {
            SelfUrl = addresses.At(path + slice.Here[list.Path.Length..]),
            OlderUrl = slice.Older is { } older ? addresses.At($"{path}?before={older}") : null,
            PictureUrl = list.PictureUrl,
            HubUrl = hub,
        };
    }
}
