using System.Xml;
using Microblog.Feeds;

namespace Microblog.Contacts;

/// <summary>Writes the feeds of people as feed readers take them in (OPML 2.0). Of people elsewhere no feed is known, so they are not in it.</summary>
internal sealed class OpmlWriter : ContactWriter
{
    private readonly XmlWriter xml;

    public OpmlWriter(Stream stream, Profile person, NodeAddresses addresses)
    {
        xml = XmlWriter.Create(stream, Xml);
        xml.WriteStartElement("opml");
        xml.WriteAttributeString("version", "2.0");
        xml.WriteStartElement("head");
        xml.WriteElementString("title", $"Whom {person.Nickname}@{addresses.Host} follows");
        xml.WriteEndElement();
        xml.WriteStartElement("body");
    }

    public override void Add(Profile person)
    {
        if (!person.IsLocal)
            return;
        var name = LineOf(FeedItem.NameOf(person));
        xml.WriteStartElement("outline");
        xml.WriteAttributeString("type", "rss");
        xml.WriteAttributeString("text", name);
        xml.WriteAttributeString("title", name);
        xml.WriteAttributeString("xmlUrl", person.Url + "/feed.atom");
        xml.WriteAttributeString("htmlUrl", person.Url);
        xml.WriteEndElement();
    }

    public override void Flush() => xml.Flush();

    public override void Dispose() => xml.Dispose();
}
