using Microblog.Pages;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Feeds;

/// <summary>The lists that have feeds, by what stands in their addresses.</summary>
internal sealed class FeedLists(NodeAddresses addresses)
{
    /// <summary>The formats, each at <c>feed.</c> and its extension below the list's page.</summary>
    public static readonly IReadOnlyList<FeedFormat> Formats =
    [
        new("atom", AtomFeed.MediaType, AtomFeed.Write),
        new("rss", RssFeed.MediaType, RssFeed.Write),
        new("json", JsonFeed.MediaType, JsonFeed.Write),
    ];

    /// <summary>The list and the format of a feed, by the feed's own address, byte for byte; <see langword="null"/> when there is nothing at it.</summary>
    public async ValueTask<(FeedList List, FeedFormat Format)?> FindAsync(IReadSession session, string address, CancellationToken cancellationToken)
    {
        if (!address.StartsWith(addresses.Root, StringComparison.Ordinal))
            return null;
        var segments = address[addresses.Root.Length..].Split('/');
        if (Formats.FirstOrDefault(format => segments[^1] == $"feed.{format.Extension}") is not { } format)
            return null;
        // Found by other names and spellings too, but each feed has one address.
        return await FindAsync(session, [.. segments[..^1].Select(Uri.UnescapeDataString)], cancellationToken).ConfigureAwait(false) is { } list
            && addresses.At(list.FeedPath(format)) == address ? (list, format) : null;
    }

    public FeedList Public => new($"Public timeline of {addresses.Host}", "/", "", (timelines, page, ct) => timelines.PublicAsync(default, page, ct));

    /// <summary>A person's notices; <see langword="null"/> when there is no such person, or they may not act.</summary>
    public async ValueTask<FeedList?> OfPersonAsync(IReadSession session, string nickname, CancellationToken cancellationToken) =>
        await FindPersonAsync(session, nickname, cancellationToken).ConfigureAwait(false) is { } person
            ? new FeedList(
                $"Notices of {FeedItem.NameOf(person)}", $"/{person.Nickname}", addresses.AvatarUrl(person),
                (timelines, page, ct) => timelines.ProfileAsync(person.Id, default, page, ct)) { Author = person.Id }
            : null;

    /// <summary>A person's favourites, as <see cref="OfPersonAsync"/>.</summary>
    public static async ValueTask<FeedList?> FavouritesOfAsync(IReadSession session, string nickname, CancellationToken cancellationToken) =>
        await FindPersonAsync(session, nickname, cancellationToken).ConfigureAwait(false) is { } person
            ? new FeedList(
                $"Favourites of {FeedItem.NameOf(person)}", $"/{person.Nickname}/favourites", "",
                (timelines, page, ct) => timelines.FavouritesAsync(person.Id, default, page, ct))
            : null;

    public static FeedList OfTag(string text)
    {
        var tag = NoticeText.FoldTag(text);
        return new($"#{tag}", "/tag/" + Uri.EscapeDataString(tag), "", (timelines, page, ct) => timelines.TagAsync(tag, default, page, ct));
    }

    /// <summary>A group's notices, by any of its names.</summary>
    public static async ValueTask<FeedList?> OfGroupAsync(IReadSession session, string name, CancellationToken cancellationToken) =>
        await session.Groups.FindAsync(NoticeText.FoldTag(name), cancellationToken).ConfigureAwait(false) is { } group
            ? new FeedList($"!{group.Nickname}", $"/group/{group.Nickname}", "", (timelines, page, ct) => timelines.GroupAsync(group.Id, default, page, ct))
            : null;

    public static FeedList OfConversation(NoticeId id) =>
        new("Conversation", $"/conversation/{id}", "", (timelines, page, ct) => timelines.ConversationAsync(id, default, page, ct)) { IsNothingWhenEmpty = true };

    private async ValueTask<FeedList?> FindAsync(IReadSession session, string[] path, CancellationToken cancellationToken) => path switch
    {
        [] => Public,
        [var nickname] => await OfPersonAsync(session, nickname, cancellationToken).ConfigureAwait(false),
        [var nickname, "favourites"] => await FavouritesOfAsync(session, nickname, cancellationToken).ConfigureAwait(false),
        ["tag", { Length: > 0 } tag] when NoticeText.IsStorable(tag) => OfTag(tag),
        ["group", { Length: > 0 } name] when NoticeText.IsStorable(name) => await OfGroupAsync(session, name, cancellationToken).ConfigureAwait(false),
        ["conversation", var id] => await IfAnyAsync(session, OfConversation(new NoticeId(Visit.Number(id))), cancellationToken).ConfigureAwait(false),
        _ => null,
    };

    private static async ValueTask<FeedList?> IfAnyAsync(IReadSession session, FeedList list, CancellationToken cancellationToken) =>
        (await list.ReadAsync(session.Timelines, PageRequest.Newest(1), cancellationToken).ConfigureAwait(false)).Count > 0 ? list : null;

    private static async ValueTask<Profile?> FindPersonAsync(IReadSession session, string nickname, CancellationToken cancellationToken)
    {
        nickname = nickname.ToLowerInvariant();
        return NoticeText.IsStorable(nickname)
            && await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is { MayAct: true } person ? person : null;
    }
}

/// <summary>A list that has a page and feeds.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Path">Of its page, below the node's base.</param>
/// <param name="PictureUrl">Of the person whose list it is; empty for none.</param>
/// <param name="ReadAsync">Reads a part of it as a visitor sees it.</param>
internal sealed record FeedList(
    string Title, string Path, string PictureUrl, Func<ITimelineReader, PageRequest, CancellationToken, ValueTask<EntryPage>> ReadAsync)
{
    /// <summary>Whether a list without notices is as good as none.</summary>
    public bool IsNothingWhenEmpty { get; init; }

    /// <summary>Who wrote all that is in it; none for lists of many people's notices.</summary>
    public ProfileId Author { get; init; }

    /// <summary>Its feed in a format, below the node's base.</summary>
    public string FeedPath(FeedFormat format) => $"{Path.TrimEnd('/')}/feed.{format.Extension}";
}

/// <summary>How a feed is written.</summary>
/// <param name="Extension">At the end of its address.</param>
/// <param name="MediaType">Without parameters.</param>
/// <param name="Write">Writes it.</param>
internal sealed record FeedFormat(string Extension, string MediaType, Func<Feed, NodeAddresses, byte[]> Write)
{
    /// <summary>As a header names it.</summary>
    public string ContentType => MediaType + "; charset=utf-8";
}
