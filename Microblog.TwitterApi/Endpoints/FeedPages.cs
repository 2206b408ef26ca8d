using Microblog.Feeds;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Answers with lists of notices as RSS and Atom.</summary>
internal sealed class FeedPages(NodeAddresses addresses)
{
    /// <summary>Whether a list is wanted as a feed.</summary>
    public static bool IsWanted(ApiCall call) => call.Format is ApiFormats.Rss or ApiFormats.Atom;

    /// <summary>Answers with a feed.</summary>
    /// <param name="session">The snapshot that the list is from.</param>
    /// <param name="call">In what format.</param>
    /// <param name="names">What the list is called, the path of its page below the node's base, and what names it for good, together with the node.</param>
    /// <param name="entries">What stands in it.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<ApiResult> AnswerAsync(
        IReadSession session, ApiCall call, (string Title, string Path, string Id) names, IReadOnlyList<TimelineEntry> entries, CancellationToken cancellationToken)
    {
        entries = await Threading.ShowAsync(session, addresses, call.Reader, entries, cancellationToken).ConfigureAwait(false);
        var feed = new Feed(names.Title, addresses.At(names.Path), SearchFeed.TagOf(addresses, names.Id), entries)
        {
            SelfUrl = addresses.Origin + call.Request.RawTarget,
        };
        return ApiResult.Of(
            call.Format == ApiFormats.Rss ? RssFeed.Write(feed, addresses) : AtomFeed.Write(feed, addresses),
            ApiFormat.MediaType(call.Format),
            StatusPages.NewestOf(entries));
    }
}
