using System.Globalization;
using System.Xml;
using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>Atom (RFC 4287) with threading (RFC 4685) and links to older pages (RFC 5005).</summary>
public static class AtomFeed
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/atom+xml";

    private const string Atom = "http://www.w3.org/2005/Atom";
    private const string Threading = "http://purl.org/syndication/thread/1.0";

    /// <summary>Writes a feed as UTF-8.</summary>
    public static byte[] Write(Feed feed, NodeAddresses addresses) => FeedXml.Write(xml =>
    {
        xml.WriteStartElement("feed", Atom);
        xml.WriteAttributeString("xmlns", "thr", null, Threading);
        Element(xml, "id", feed.FeedUrl);
        Element(xml, "title", feed.Title);
        Element(xml, "updated", FeedXml.Rfc3339(feed.UpdatedAt));
        Element(xml, "generator", "Microblog");
        if (feed.PictureUrl.Length > 0)
            Element(xml, "logo", feed.PictureUrl);
        Link(xml, "alternate", "text/html", feed.PageUrl);
        Link(xml, "self", MediaType, feed.SelfUrl);
        if (feed.HubUrl is { } hub)
            Link(xml, "hub", "", hub);
        if (feed.OlderUrl is { } older)
            Link(xml, "next", MediaType, older);
        foreach (var entry in feed.Entries)
            WriteEntry(xml, entry, addresses);
        xml.WriteEndElement();
    });

    private static void WriteEntry(XmlWriter xml, TimelineEntry entry, NodeAddresses addresses)
    {
        var (notice, author) = (entry.Notice, entry.Author);
        xml.WriteStartElement("entry", Atom);
        Element(xml, "id", notice.Uri.Value);
        Element(xml, "title", FeedItem.TitleOf(entry));
        Element(xml, "published", FeedXml.Rfc3339(notice.AcceptedAt));
        Element(xml, "updated", FeedXml.Rfc3339(notice.ChangedAt));
        xml.WriteStartElement("author", Atom);
        Element(xml, "name", FeedItem.NameOf(author));
        Element(xml, "uri", author.Uri.Value);
        xml.WriteEndElement();
        Element(xml, "rights", notice.License);
        if (notice.Url.Length > 0)
            Link(xml, "alternate", "text/html", notice.Url);
        foreach (var picture in FeedItem.PicturesOf(notice))
            Link(xml, "enclosure", picture.MediaType, addresses.AttachmentUrl(picture.Id), picture.Size);
        foreach (var tag in notice.Tags)
        {
            xml.WriteStartElement("category", Atom);
            xml.WriteAttributeString("term", FeedXml.Clean(tag));
            xml.WriteEndElement();
        }

        if (notice.ReplyToUri.Length > 0)
        {
            xml.WriteStartElement("in-reply-to", Threading);
            xml.WriteAttributeString("ref", FeedXml.Clean(notice.ReplyToUri));
            xml.WriteEndElement();
        }

        xml.WriteStartElement("content", Atom);
        xml.WriteAttributeString("type", "html");
        if (notice.Language.Length > 0)
            xml.WriteAttributeString("xml", "lang", null, FeedXml.Clean(notice.Language));
        xml.WriteString(FeedXml.Clean(FeedItem.HtmlOf(entry, addresses)));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Atom, FeedXml.Clean(text));

    private static void Link(XmlWriter xml, string relation, string type, string address, long length = 0)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        if (type.Length > 0)
            xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", FeedXml.Clean(address));
        if (length > 0)
            xml.WriteAttributeString("length", length.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }
}
