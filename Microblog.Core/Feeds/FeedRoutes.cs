using System.Security.Cryptography;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Feeds;

/// <summary>The public lists as feeds: <c>feed.atom</c>, <c>feed.rss</c> and <c>feed.json</c> below each list's page. They show what a visitor sees, to everybody.</summary>
internal sealed class FeedRoutes(MicroblogNode node, NodeAddresses addresses) : INodeRoutes
{
    private static readonly Format[] Formats =
    [
        new("atom", AtomFeed.MediaType, AtomFeed.Write),
        new("rss", RssFeed.MediaType, RssFeed.Write),
        new("json", JsonFeed.MediaType, JsonFeed.Write),
    ];

    private delegate ValueTask<Channel?> Find(IReadSession session, NodeRequest request, CancellationToken cancellationToken);

    public IEnumerable<NodeRoute> Routes =>
    [
        .. Feeds("", (_, _, _) => new(new Channel($"Public timeline of {addresses.Host}", "/", "", (timelines, page, ct) => timelines.PublicAsync(default, page, ct)))),
        .. Feeds("/{nickname}", (session, request, ct) => OfPersonAsync(session, request, "", ct)),
        .. Feeds("/{nickname}/favourites", (session, request, ct) => OfPersonAsync(session, request, "/favourites", ct)),
        .. Feeds("/tag/{tag}", (_, request, _) => new(OfTag(NoticeText.FoldTag(request.Route("tag"))))),
        .. Feeds("/group/{name}", OfGroupAsync),
        .. Feeds("/conversation/{id}", (_, request, _) => new(OfConversation(new NoticeId(Visit.Number(request.Route("id")))))),
    ];

    /// <summary>Where a page's list is as a feed, for the page's head.</summary>
    /// <param name="frame">Knows where the node is.</param>
    /// <param name="path">The page's path, beginning with a slash.</param>
    public static IEnumerable<HeadElement> Links(PageFrame frame, string path) =>
        Formats.Select(format => new HeadElement.Link("alternate", format.MediaType, frame.At($"{path.TrimEnd('/')}/feed.{format.Extension}")));

    private IEnumerable<NodeRoute> Feeds(string template, Find find) => Formats.Select(format => new NodeRoute
    {
        Method = "GET",
        Template = $"{template}/feed.{format.Extension}",
        Handler = (request, ct) => AnswerAsync(request, format, find, ct),
    });

    private async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, Format format, Find find, CancellationToken cancellationToken)
    {
        var wanted = TimelineSlice.Request(NodeForm.OfQuery(request));
        var found = await node.ReadAsync(
            Freshness.MayLag,
            async (session, ct) =>
            {
                if (await find(session, request, ct).ConfigureAwait(false) is not { } channel)
                    return default((Channel Channel, TimelineSlice Slice)?);
                var entries = await channel.ReadAsync(session.Timelines, wanted, ct).ConfigureAwait(false);
                return (channel, TimelineSlice.Cut(entries, wanted, channel.Path));
            },
            cancellationToken).ConfigureAwait(false);
        if (found is not var (channel, slice) || (slice.Entries.Count == 0 && channel.IsNothingWhenEmpty))
            return NodeResponse.Text(404, "There is nothing at this address.");
        var content = format.Write(Compose(channel, slice, format), addresses);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";
        // Whoever keeps it asks each time whether it is still so: what is deleted here disappears there.
        KeyValuePair<string, string>[] headers = [new("ETag", tag), new("Cache-Control", "public, no-cache"), new("Access-Control-Allow-Origin", "*")];
        return (Conditional.IsKnown(request, tag)
            ? new NodeResponse(304, NodeBody.None)
            : NodeResponse.Bytes(200, format.MediaType + "; charset=utf-8", content)) with { Headers = headers };
    }

    private Feed Compose(Channel channel, TimelineSlice slice, Format format)
    {
        var path = $"{channel.Path.TrimEnd('/')}/feed.{format.Extension}";
        return new Feed(channel.Title, addresses.At(channel.Path), addresses.At(path), slice.Entries)
        {
            SelfUrl = addresses.At(path + slice.Here[channel.Path.Length..]),
            OlderUrl = slice.Older is { } older ? addresses.At($"{path}?before={older}") : null,
            PictureUrl = channel.PictureUrl,
        };
    }

    private async ValueTask<Channel?> OfPersonAsync(IReadSession session, NodeRequest request, string list, CancellationToken cancellationToken)
    {
        var nickname = request.Route("nickname").ToLowerInvariant();
        if (!NoticeText.IsStorable(nickname) || await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is not { MayAct: true } person)
            return null;
        var path = $"/{person.Nickname}{list}";
        return list.Length == 0
            ? new Channel($"Notices of {FeedItem.NameOf(person)}", path, addresses.AvatarUrl(person), (timelines, page, ct) => timelines.ProfileAsync(person.Id, default, page, ct))
            : new Channel($"Favourites of {FeedItem.NameOf(person)}", path, "", (timelines, page, ct) => timelines.FavouritesAsync(person.Id, default, page, ct));
    }

    private static Channel OfTag(string tag) => new(
        $"#{tag}", "/tag/" + Uri.EscapeDataString(tag), "", (timelines, page, ct) => timelines.TagAsync(tag, default, page, ct));

    private static async ValueTask<Channel?> OfGroupAsync(IReadSession session, NodeRequest request, CancellationToken cancellationToken) =>
        await session.Groups.FindAsync(NoticeText.FoldTag(request.Route("name")), cancellationToken).ConfigureAwait(false) is { } group
            ? new Channel($"!{group.Nickname}", $"/group/{group.Nickname}", "", (timelines, page, ct) => timelines.GroupAsync(group.Id, default, page, ct))
            : null;

    private static Channel OfConversation(NoticeId id) =>
        new("Conversation", $"/conversation/{id}", "", (timelines, page, ct) => timelines.ConversationAsync(id, default, page, ct)) { IsNothingWhenEmpty = true };

    /// <summary>A list that has a page and feeds.</summary>
    /// <param name="Title">What it is.</param>
    /// <param name="Path">Of its page, below the node's base.</param>
    /// <param name="PictureUrl">Of the person whose list it is; empty for none.</param>
    /// <param name="ReadAsync">Reads a part of it as a visitor sees it.</param>
    private sealed record Channel(
        string Title, string Path, string PictureUrl, Func<ITimelineReader, PageRequest, CancellationToken, ValueTask<EntryPage>> ReadAsync)
    {
        /// <summary>Whether a list without notices is as good as none.</summary>
        public bool IsNothingWhenEmpty { get; init; }
    }

    private sealed record Format(string Extension, string MediaType, Func<Feed, NodeAddresses, byte[]> Write);
}
