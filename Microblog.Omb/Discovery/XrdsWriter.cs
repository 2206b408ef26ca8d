using System.Text;
using System.Xml;

namespace Microblog.Omb.Discovery;

/// <summary>Writes the XRDS document of a local user, in the shape that old peers can read (OMB-4 to OMB-8, OMB-10).</summary>
/// <remarks>Namespaces are spelled as they compare them (Q4), the pointing XRD comes last (Q2) with bare fragments (Q3), and there is
/// no white space around text (Q1).</remarks>
internal static class XrdsWriter
{
    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        Indent = true,
        NewLineChars = "\n",
    };

    /// <summary>What every node can do: OAuth parameters in header or body, signed by HMAC-SHA1.</summary>
    public static IReadOnlyList<string> DefaultCapabilities { get; } = [XrdsTypes.AuthHeader, XrdsTypes.PostBody, XrdsTypes.HmacSha1];

    /// <summary>Writes the document as UTF-8 without a byte order mark.</summary>
    /// <param name="user">The user's identifier and endpoints.</param>
    /// <param name="capabilities">Types that say how token and protected requests may be made.</param>
    public static byte[] Write(OmbEndpoints user, IReadOnlyList<string> capabilities)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, Settings))
        {
            xml.WriteStartElement("XRDS", XrdsTypes.XrdsNamespace);

            BeginDescription(xml, "oauth");
            WriteService(xml, [XrdsTypes.RequestToken, .. capabilities], user.RequestToken, user.Identifier);
            WriteService(xml, [XrdsTypes.Authorize, XrdsTypes.UriQuery], user.Authorize);
            WriteService(xml, [XrdsTypes.AccessToken, .. capabilities], user.AccessToken);
            WriteService(xml, [XrdsTypes.Resource, .. capabilities], null);
            xml.WriteEndElement();

            BeginDescription(xml, "omb");
            WriteService(xml, [XrdsTypes.PostNotice], user.PostNotice);
            WriteService(xml, [XrdsTypes.UpdateProfile], user.UpdateProfile);
            xml.WriteEndElement();

            BeginDescription(xml, null);
            WriteService(xml, [XrdsTypes.OAuthDiscovery], "#oauth");
            WriteService(xml, [XrdsTypes.Omb], "#omb");
            xml.WriteEndElement();
        }

        return stream.ToArray();
    }

    private static void BeginDescription(XmlWriter xml, string? id)
    {
        xml.WriteStartElement("XRD", XrdsTypes.XrdNamespace);
        xml.WriteAttributeString("xmlns", XrdsTypes.XrdNamespace);
        if (id is not null)
            xml.WriteAttributeString("xml", "id", null, id);
        xml.WriteAttributeString("version", "2.0");
        xml.WriteElementString("Type", XrdsTypes.XrdNamespace, XrdsTypes.Simple);
    }

    private static void WriteService(XmlWriter xml, IEnumerable<string> types, string? uri, string? localId = null)
    {
        xml.WriteStartElement("Service", XrdsTypes.XrdNamespace);
        xml.WriteAttributeString("priority", "10");
        foreach (var type in types)
            xml.WriteElementString("Type", XrdsTypes.XrdNamespace, type);
        if (uri is not null)
            xml.WriteElementString("URI", XrdsTypes.XrdNamespace, uri);
        if (localId is not null)
            xml.WriteElementString("LocalID", XrdsTypes.XrdNamespace, localId);
        xml.WriteEndElement();
    }
}
