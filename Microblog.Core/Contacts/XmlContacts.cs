using System.Xml;

namespace Microblog.Contacts;

/// <summary>Opens a list in XML, and finds out by its first element whose it is.</summary>
internal static class XmlContacts
{
    private const int MaxDepth = 64;

    /// <exception cref="XmlException">It is damaged, has a document type declaration, or nests too deeply; also while it is enumerated.</exception>
    /// <exception cref="FormatException">It is XML of another kind.</exception>
    public static IEnumerable<Contact?> Parse(ReadOnlyMemory<byte> bytes)
    {
        using var stream = new MemoryStream(SkipLeading(bytes.Span).ToArray(), writable: false);
        using var reader = XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CloseInput = false,
        });
        reader.MoveToContent();
        var contacts = reader switch
        {
            { LocalName: "opml" or "OPML" } => OpmlContacts.Parse(reader),
            { LocalName: "RDF", NamespaceURI: FoafContacts.Rdf } or { NamespaceURI: FoafContacts.Foaf } => new FoafContacts().Parse(reader),
            _ => throw new FormatException("This is XML, but no list of people that is known here: OPML or FOAF."),
        };
        foreach (var contact in contacts)
            yield return contact;
    }

    /// <summary>Goes on to the next node.</summary>
    /// <exception cref="XmlException">Elements nest deeper than any list needs.</exception>
    public static bool Next(XmlReader reader)
    {
        var isThere = reader.Read();
        return reader.Depth <= MaxDepth ? isThere : throw new XmlException("The elements nest too deeply.");
    }

    // Other programs leave white space before the declaration, where XML allows none.
    private static ReadOnlySpan<byte> SkipLeading(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        rest = rest.TrimStart(" \t\r\n"u8);
        return rest is [(byte)'<', not 0, ..] ? rest : bytes;
    }
}
