using System.Xml;

namespace Microblog.Contacts;

/// <summary>Reads lists of feeds (OPML 1.0 and 2.0): each outline with an address is somebody, however deep it lies. Folders have none.</summary>
internal static class OpmlContacts
{
    public static IEnumerable<Contact?> Parse(XmlReader reader)
    {
        while (XmlContacts.Next(reader))
        {
            if (reader.NodeType != XmlNodeType.Element || !reader.LocalName.Equals("outline", StringComparison.OrdinalIgnoreCase))
                continue;
            var attributes = Attributes(reader);
            // The page says more about who it is than the feed.
            string?[] addresses = [attributes.GetValueOrDefault("htmlurl"), attributes.GetValueOrDefault("xmlurl"), attributes.GetValueOrDefault("url")];
            if (addresses.Any(address => address is not null))
                yield return Contact.Of(attributes.GetValueOrDefault("title") ?? attributes.GetValueOrDefault("text"), addresses.Where(WebAddress.IsValid));
        }
    }

    // Writers do not agree on upper and lower case.
    private static Dictionary<string, string> Attributes(XmlReader reader)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.MoveToNextAttribute())
            attributes.TryAdd(reader.LocalName.ToLowerInvariant(), reader.Value);
        reader.MoveToElement();
        return attributes;
    }
}
