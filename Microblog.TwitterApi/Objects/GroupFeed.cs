using System.Xml;
using Microblog.Feeds;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Lists of groups as RSS and Atom.</summary>
internal static class GroupFeed
{
    /// <summary>Writes a list.</summary>
    /// <param name="format">RSS or Atom.</param>
    /// <param name="title">What the list is.</param>
    /// <param name="self">Its address, which names it, too.</param>
    /// <param name="page">Where people see groups.</param>
    /// <param name="groups">What stands in it.</param>
    /// <param name="addresses">Where groups have their pages.</param>
    public static byte[] Write(ApiFormats format, string title, string self, string page, IReadOnlyList<Group> groups, NodeAddresses addresses) => FeedXml.Write(xml =>
    {
        if (format == ApiFormats.Rss)
            WriteRss(xml, title, page, groups, addresses);
        else
            WriteAtom(xml, title, self, page, groups, addresses);
    });

    private static void WriteRss(XmlWriter xml, string title, string page, IReadOnlyList<Group> groups, NodeAddresses addresses)
    {
        xml.WriteStartElement("rss");
        xml.WriteAttributeString("version", "2.0");
        xml.WriteStartElement("channel");
        xml.WriteElementString("title", title);
        xml.WriteElementString("link", page);
        xml.WriteElementString("description", title);
        foreach (var group in groups)
        {
            xml.WriteStartElement("item");
            xml.WriteElementString("title", NameOf(group));
            xml.WriteElementString("link", addresses.GroupUrl(group.Nickname));
            xml.WriteElementString("guid", addresses.GroupUrl(group.Nickname));
            xml.WriteElementString("description", XmlApiWriter.Clean(group.Description));
            xml.WriteElementString("pubDate", FeedXml.Rfc822(group.CreatedAt));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteAtom(XmlWriter xml, string title, string self, string page, IReadOnlyList<Group> groups, NodeAddresses addresses)
    {
        xml.WriteStartElement("feed", AtomXml.Namespace);
        AtomXml.Element(xml, "id", self);
        AtomXml.Element(xml, "title", title);
        AtomXml.Element(xml, "updated", FeedXml.Rfc3339(groups.Select(group => group.CreatedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max()));
        AtomXml.Link(xml, "self", self);
        AtomXml.Link(xml, "alternate", page);
        foreach (var group in groups)
        {
            xml.WriteStartElement("entry", AtomXml.Namespace);
            AtomXml.Element(xml, "id", addresses.GroupUrl(group.Nickname));
            AtomXml.Element(xml, "title", NameOf(group));
            AtomXml.Element(xml, "published", FeedXml.Rfc3339(group.CreatedAt));
            AtomXml.Element(xml, "updated", FeedXml.Rfc3339(group.CreatedAt));
            xml.WriteStartElement("author", AtomXml.Namespace);
            AtomXml.Element(xml, "name", group.Nickname);
            xml.WriteEndElement();
            AtomXml.Link(xml, "alternate", addresses.GroupUrl(group.Nickname));
            AtomXml.Element(xml, "summary", XmlApiWriter.Clean(group.Description));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string NameOf(Group group) => group.FullName.Length > 0 ? $"!{group.Nickname}: {XmlApiWriter.Clean(group.FullName)}" : "!" + group.Nickname;
}
