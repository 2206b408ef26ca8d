using System.Xml;
using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>Atom (RFC 4287) with threading (RFC 4685) and links to older pages (RFC 5005).</summary>
public static class AtomFeed
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/atom+xml";

    private const string Threading = "http://purl.org/syndication/thread/1.0";

    /// <summary>Writes a feed as UTF-8.</summary>
    public static byte[] Write(Feed feed, NodeAddresses addresses) => FeedXml.Write(xml =>
    {
        xml.WriteStartElement("feed", AtomXml.Namespace);
        xml.WriteAttributeString("xmlns", "thr", null, Threading);
        AtomXml.Element(xml, "id", feed.FeedUrl);
        AtomXml.Element(xml, "title", feed.Title);
        AtomXml.Element(xml, "updated", FeedXml.Rfc3339(feed.UpdatedAt));
        AtomXml.Element(xml, "generator", "Microblog");
        if (feed.PictureUrl.Length > 0)
            AtomXml.Element(xml, "logo", feed.PictureUrl);
        AtomXml.Link(xml, "alternate", feed.PageUrl, "text/html");
        AtomXml.Link(xml, "self", feed.SelfUrl, MediaType);
        if (feed.HubUrl is { } hub)
            AtomXml.Link(xml, "hub", hub);
        if (feed.OlderUrl is { } older)
            AtomXml.Link(xml, "next", older, MediaType);
        foreach (var entry in feed.Entries)
            WriteEntry(xml, entry, addresses);
        xml.WriteEndElement();
    });

    private static void WriteEntry(XmlWriter xml, TimelineEntry entry, NodeAddresses addresses)
    {
        var (notice, author) = (entry.Notice, entry.Author);
        xml.WriteStartElement("entry", AtomXml.Namespace);
        AtomXml.Element(xml, "id", notice.Uri.Value);
        AtomXml.Element(xml, "title", FeedItem.TitleOf(entry));
        AtomXml.Element(xml, "published", FeedXml.Rfc3339(notice.AcceptedAt));
        AtomXml.Element(xml, "updated", FeedXml.Rfc3339(notice.ChangedAt));
        xml.WriteStartElement("author", AtomXml.Namespace);
        AtomXml.Element(xml, "name", FeedItem.NameOf(author));
        AtomXml.Element(xml, "uri", author.Uri.Value);
        xml.WriteEndElement();
        AtomXml.Element(xml, "rights", notice.License);
        if (notice.Url.Length > 0)
            AtomXml.Link(xml, "alternate", notice.Url, "text/html");
        foreach (var picture in FeedItem.PicturesOf(notice))
            AtomXml.Link(xml, "enclosure", addresses.AttachmentUrl(picture.Id), picture.MediaType, picture.Size);
        foreach (var tag in notice.Tags)
        {
            xml.WriteStartElement("category", AtomXml.Namespace);
            xml.WriteAttributeString("term", FeedXml.Clean(tag));
            xml.WriteEndElement();
        }

        if (notice.ReplyToUri.Length > 0)
        {
            xml.WriteStartElement("in-reply-to", Threading);
            xml.WriteAttributeString("ref", FeedXml.Clean(notice.ReplyToUri));
            xml.WriteEndElement();
        }

        xml.WriteStartElement("content", AtomXml.Namespace);
        xml.WriteAttributeString("type", "html");
        if (notice.Language.Length > 0)
            xml.WriteAttributeString("xml", "lang", null, FeedXml.Clean(notice.Language));
        xml.WriteString(FeedXml.Clean(FeedItem.HtmlOf(entry, addresses)));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
