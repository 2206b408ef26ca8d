using System.Text;
using System.Xml;
using Microblog.Feeds;
using Microblog.Storage;

namespace Microblog.Atom;

/// <summary>What an Atom entry says of a notice: the machine form at the notice's own address. RFC 4287, threading RFC 4685.</summary>
/// <param name="Id">The notice's URI.</param>
/// <param name="AuthorUri">The author's identifier.</param>
/// <param name="Content">The plain text; characters that XML cannot hold are replaced by U+FFFD.</param>
/// <param name="ReplyTo">The URI of what the notice answers; empty when it answers nothing.</param>
public sealed record AtomEntry(string Id, string AuthorUri, string Content, string ReplyTo)
{
    /// <summary>The media type of an entry.</summary>
    public const string MediaType = "application/atom+xml;type=entry";

    private const string Namespace = AtomXml.Namespace;
    private const string ThreadingNamespace = "http://purl.org/syndication/thread/1.0";
    private const int MaxDepth = 32;

    private static readonly XmlReaderSettings ReaderSettings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = 1 << 20,
    };

    /// <summary>Writes the entry of a notice as UTF-8.</summary>
    public static byte[] Write(Notice notice, Profile author) => FeedXml.Write(xml =>
    {
        xml.WriteStartElement("entry", Namespace);
        xml.WriteAttributeString("xmlns", "thr", null, ThreadingNamespace);
        Element("id", notice.Uri.Value);
        Element("title", FeedItem.TitleOf(new TimelineEntry(notice, author, default)));
        Element("published", FeedXml.Rfc3339(notice.AcceptedAt));
        Element("updated", FeedXml.Rfc3339(notice.ChangedAt));
        xml.WriteStartElement("author", Namespace);
        Element("name", FeedItem.NameOf(author));
        Element("uri", author.Uri.Value);
        xml.WriteEndElement();
        Element("rights", notice.License);
        AtomXml.Link(xml, "alternate", notice.Url, "text/html");
        if (notice.ReplyToUri.Length > 0)
        {
            xml.WriteStartElement("in-reply-to", ThreadingNamespace);
            xml.WriteAttributeString("ref", FeedXml.Clean(notice.ReplyToUri));
            xml.WriteEndElement();
        }

        xml.WriteStartElement("content", Namespace);
        xml.WriteAttributeString("type", "text");
        xml.WriteString(FeedXml.Clean(notice.Content));
        xml.WriteEndElement();
        xml.WriteEndElement();

        void Element(string name, string text) => AtomXml.Element(xml, name, text);
    });

    /// <summary>Reads an entry from another service; <see langword="null"/> when it is none, or hostile.</summary>
    public static AtomEntry? Read(ReadOnlyMemory<byte> document)
    {
        try
        {
            using var stream = new MemoryStream(document.ToArray(), writable: false);
            using var xml = XmlReader.Create(stream, ReaderSettings);
            xml.MoveToContent();
            return xml.LocalName == "entry" && xml.NamespaceURI == Namespace ? ReadEntry(xml) : null;
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static AtomEntry? ReadEntry(XmlReader xml)
    {
        string? id = null, author = null, content = null;
        var (replyTo, isAuthor) = ("", false);
        while (xml.Read())
        {
            if (xml.Depth > MaxDepth)
                return null;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.Depth == 1)
                isAuthor = xml is { NamespaceURI: Namespace, LocalName: "author" };
            switch (xml.Depth, xml.NamespaceURI, xml.LocalName)
            {
                case (1, Namespace, "id"):
                    id ??= Text(xml)?.Trim();
                    break;
                case (2, Namespace, "uri") when isAuthor:
                    author ??= Text(xml)?.Trim();
                    break;
                case (1, Namespace, "content") when xml.GetAttribute("type") is null or "text":
                    content ??= Text(xml);
                    break;
                case (1, ThreadingNamespace, "in-reply-to"):
                    replyTo = xml.GetAttribute("ref") ?? "";
                    break;
            }
        }

        return id is null || author is null || content is null ? null : new AtomEntry(id, author, content, replyTo);
    }

    // Leaves the reader on the element's end, which the loop then passes. Text with elements inside is not plain text: null.
    private static string? Text(XmlReader xml)
    {
        var text = new StringBuilder();
        var (depth, isPlain) = (xml.Depth, true);
        if (xml.IsEmptyElement)
            return "";
        while (xml.Read() && xml.Depth > depth)
        {
            isPlain &= xml.NodeType != XmlNodeType.Element;
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
                text.Append(xml.Value);
        }

        return isPlain ? text.ToString() : null;
    }
}
