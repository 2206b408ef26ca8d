using System.Globalization;
using System.Xml;

namespace Microblog.Feeds;

/// <summary>The elements of Atom (RFC 4287), for whoever writes a document with some of them.</summary>
public static class AtomXml
{
    /// <summary>Atom's namespace.</summary>
    public const string Namespace = "http://www.w3.org/2005/Atom";

    /// <summary>Writes an element with nothing but text in it, cleaned.</summary>
    public static void Element(XmlWriter xml, string name, string text)
    {
        ArgumentNullException.ThrowIfNull(xml);
        xml.WriteElementString(name, Namespace, FeedXml.Clean(text));
    }

    /// <summary>Writes a link.</summary>
    /// <param name="xml">Where to.</param>
    /// <param name="relation">What lies there.</param>
    /// <param name="address">Where, cleaned.</param>
    /// <param name="type">Its media type; empty for none.</param>
    /// <param name="length">Its bytes; 0 where that is not said.</param>
    public static void Link(XmlWriter xml, string relation, string address, string type = "", long length = 0)
    {
        ArgumentNullException.ThrowIfNull(xml);
        ArgumentNullException.ThrowIfNull(type);
        xml.WriteStartElement("link", Namespace);
        xml.WriteAttributeString("rel", relation);
        if (type.Length > 0)
            xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", FeedXml.Clean(address));
        if (length > 0)
            xml.WriteAttributeString("length", length.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }
}
