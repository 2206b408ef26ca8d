using System.Globalization;
using System.Xml;
using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>RSS 2.0, with the links that it takes over from Atom.</summary>
public static class RssFeed
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/rss+xml";

    private const string DublinCore = "http://purl.org/dc/elements/1.1/";

    /// <summary>Writes a feed as UTF-8.</summary>
    public static byte[] Write(Feed feed, NodeAddresses addresses) => FeedXml.Write(xml =>
    {
        xml.WriteStartElement("rss");
        xml.WriteAttributeString("version", "2.0");
        xml.WriteAttributeString("xmlns", "atom", null, AtomXml.Namespace);
        xml.WriteAttributeString("xmlns", "dc", null, DublinCore);
        xml.WriteStartElement("channel");
        Element(xml, "title", feed.Title);
        Element(xml, "link", feed.PageUrl);
        Element(xml, "description", feed.Title);
        if (feed.Entries.Count > 0)
            Element(xml, "lastBuildDate", FeedXml.Rfc822(feed.UpdatedAt));
        Element(xml, "generator", "Microblog");
        AtomXml.Link(xml, "self", feed.SelfUrl, MediaType);
        if (feed.HubUrl is { } hub)
            AtomXml.Link(xml, "hub", hub);
        if (feed.OlderUrl is { } older)
            AtomXml.Link(xml, "next", older, MediaType);
        if (feed.PictureUrl.Length > 0)
        {
            xml.WriteStartElement("image");
            Element(xml, "url", feed.PictureUrl);
            Element(xml, "title", feed.Title);
            Element(xml, "link", feed.PageUrl);
            xml.WriteEndElement();
        }

        foreach (var entry in feed.Entries)
            WriteItem(xml, entry, addresses);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void WriteItem(XmlWriter xml, TimelineEntry entry, NodeAddresses addresses)
    {
        var notice = entry.Notice;
        xml.WriteStartElement("item");
        Element(xml, "title", FeedItem.TitleOf(entry));
        if (notice.Url.Length > 0)
            Element(xml, "link", notice.Url);
        xml.WriteStartElement("guid");
        xml.WriteAttributeString("isPermaLink", notice.Uri.Value == notice.Url ? "true" : "false");
        xml.WriteString(FeedXml.Clean(notice.Uri.Value));
        xml.WriteEndElement();
        Element(xml, "pubDate", FeedXml.Rfc822(notice.AcceptedAt));
        xml.WriteElementString("creator", DublinCore, FeedXml.Clean(FeedItem.NameOf(entry.Author)));
        Element(xml, "description", FeedItem.HtmlOf(entry, addresses));
        foreach (var tag in notice.Tags)
            Element(xml, "category", tag);
        // An item has one at most.
        if (FeedItem.PicturesOf(notice).FirstOrDefault() is { } picture)
        {
            xml.WriteStartElement("enclosure");
            xml.WriteAttributeString("url", addresses.AttachmentUrl(picture.Id));
            xml.WriteAttributeString("type", picture.MediaType);
            xml.WriteAttributeString("length", picture.Size.ToString(CultureInfo.InvariantCulture));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, FeedXml.Clean(text));
}
