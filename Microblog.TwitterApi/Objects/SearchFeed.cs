using System.Xml;
using Microblog.Feeds;
using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>What a search finds, as Atom (§8.9).</summary>
/// <remarks>Clients of StatusNet take whole notices out of it: the number from the end of the identifier, the text from the title, the nickname from what stands
/// in front of the full name, and the author's picture from a link.</remarks>
internal static class SearchFeed
{
    private const string Twitter = "http://api.twitter.com/";

    /// <summary>Writes a page of it.</summary>
    /// <param name="query">What was looked for.</param>
    /// <param name="self">The address of this page.</param>
    /// <param name="turns">Where there is more.</param>
    /// <param name="found">What stands in it.</param>
    /// <param name="addresses">Where notices have their pages.</param>
    public static byte[] Write(string query, string self, SearchTurns turns, IReadOnlyList<TimelineEntry> found, NodeAddresses addresses) => FeedXml.Write(xml =>
    {
        xml.WriteStartElement("feed", AtomXml.Namespace);
        xml.WriteAttributeString("xmlns", "twitter", null, Twitter);
        AtomXml.Element(xml, "id", TagOf(addresses, "Search:" + Uri.EscapeDataString(query)));
        AtomXml.Element(xml, "title", "Search: " + query);
        AtomXml.Element(xml, "updated", FeedXml.Rfc3339(found.Select(entry => entry.Notice.ChangedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max()));
        AtomXml.Link(xml, "alternate", addresses.At($"/search?q={Uri.EscapeDataString(query)}"));
        AtomXml.Link(xml, "self", self);
        var here = self.Split('?')[0];
        foreach (var (relation, target) in new[] { ("refresh", turns.Refresh), ("next", turns.Next), ("previous", turns.Previous) })
        {
            if (target is not null)
                AtomXml.Link(xml, relation, here + target);
        }

        foreach (var entry in found)
            WriteEntry(xml, entry, addresses);
        xml.WriteEndElement();
    });

    private static void WriteEntry(XmlWriter xml, TimelineEntry entry, NodeAddresses addresses)
    {
        var (notice, author) = (entry.Notice, entry.Author);
        xml.WriteStartElement("entry", AtomXml.Namespace);
        AtomXml.Element(xml, "id", TagOf(addresses, notice.Id.ToString()));
        AtomXml.Element(xml, "title", notice.Warning.Length > 0 ? notice.Warning : notice.Content);
        AtomXml.Element(xml, "published", FeedXml.Rfc3339(notice.AcceptedAt));
        AtomXml.Element(xml, "updated", FeedXml.Rfc3339(notice.ChangedAt));
        xml.WriteStartElement("author", AtomXml.Namespace);
        AtomXml.Element(xml, "name", author.FullName.Length > 0 ? $"{author.Address} ({author.FullName})" : author.Address);
        AtomXml.Element(xml, "uri", author.Uri.Value);
        xml.WriteEndElement();
        AtomXml.Element(xml, "rights", notice.License);
        if (notice.Url.Length > 0)
            AtomXml.Link(xml, "alternate", notice.Url);
        AtomXml.Link(xml, "related", addresses.AvatarUrl(author));
        xml.WriteElementString("source", Twitter, FeedXml.Clean(StatusObject.SourceOf(notice)));
        xml.WriteStartElement("content", AtomXml.Namespace);
        xml.WriteAttributeString("type", "html");
        xml.WriteString(FeedXml.Clean(NoticeHtml.BehindWarning(notice, NoticeHtml.Render(notice, addresses))));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    /// <summary>What names something of this node for good in the API's feeds, as StatusNet did.</summary>
    public static string TagOf(NodeAddresses addresses, string name) => $"tag:{addresses.BaseUri.Host},2008-07-04:{name}";
}

/// <summary>The query strings of other pages of a search.</summary>
/// <param name="Refresh">What is newer than everything found.</param>
/// <param name="Next">The page behind; <see langword="null"/> at the end.</param>
/// <param name="Previous">The page before; <see langword="null"/> on the first one.</param>
internal sealed record SearchTurns(string Refresh, string? Next, string? Previous);
