using System.Text;

namespace Microblog.Feeds;

/// <summary>Who sends feeds to those who want them sent (W3C WebSub): named in every feed. A node without one has no such service.</summary>
/// <param name="Url">The hub's address.</param>
internal sealed record FeedHub(string Url)
{
    /// <summary>How an answer's headers say where the hub is, and under which address the feed is subscribed to (W3C WebSub §4): the feed's own,
    /// also where this is a page further back.</summary>
    /// <remarks>None where an address is not ASCII, which no header can hold; the feed itself says it then.</remarks>
    public static IEnumerable<KeyValuePair<string, string>> LinksOf(Feed feed) => feed.HubUrl is { } hub && Ascii.IsValid(hub + feed.FeedUrl)
        ? [new("Link", $"<{hub}>; rel=\"hub\""), new("Link", $"<{feed.FeedUrl}>; rel=\"self\"")]
        : [];
}
