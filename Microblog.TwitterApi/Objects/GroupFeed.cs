using System.Xml;
using Microblog.Feeds;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Lists of groups as RSS and Atom.</summary>
internal static class GroupFeed
{
    private const string Atom = "http://www.w3.org/2005/Atom";

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
        xml.WriteStartElement("feed", Atom);
        xml.WriteElementString("id", Atom, self);
        xml.WriteElementString("title", Atom, title);
        xml.WriteElementString("updated", Atom, FeedXml.Rfc3339(groups.Select(group => group.CreatedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max()));
        WriteLink(xml, "self", self);
        WriteLink(xml, "alternate", page);
        foreach (var group in groups)
        {
            xml.WriteStartElement("entry", Atom);
            xml.WriteElementString("id", Atom, addresses.GroupUrl(group.Nickname));
            xml.WriteElementString("title", Atom, NameOf(group));
            xml.WriteElementString("published", Atom, FeedXml.Rfc3339(group.CreatedAt));
            xml.WriteElementString("updated", Atom, FeedXml.Rfc3339(group.CreatedAt));
            xml.WriteStartElement("author", Atom);
            xml.WriteElementString("name", Atom, group.Nickname);
            xml.WriteEndElement();
            WriteLink(xml, "alternate", addresses.GroupUrl(group.Nickname));
            xml.WriteElementString("summary", Atom, XmlApiWriter.Clean(group.Description));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string NameOf(Group group) => group.FullName.Length > 0 ? $"!{group.Nickname}: {XmlApiWriter.Clean(group.FullName)}" : "!" + group.Nickname;

    private static void WriteLink(XmlWriter xml, string relation, string address)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }
}
