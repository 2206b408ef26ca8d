using System.Xml;
using System.Xml.Linq;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>The XRDS document of the person under test. Reads more than a strict consumer would, so that one mistake is one failure.</summary>
internal sealed class XrdsReading
{
    private static readonly XNamespace Xml = XNamespace.Xml;
    private readonly XDocument document;

    private XrdsReading(XDocument document, WireReply reply) => (this.document, Reply) = (document, reply);

    /// <summary>How it came.</summary>
    public WireReply Reply { get; }

    public XElement Root => document.Root!;

    public IReadOnlyList<XElement> Xrds => [.. Root.Elements().Where(e => e.Name.LocalName == "XRD")];

    /// <summary>The texts of Type, URI and LocalID of all services, as they stand.</summary>
    public IEnumerable<string> Texts =>
        document.Descendants().Where(e => e.Name.LocalName is "Type" or "URI" or "LocalID").Select(e => e.Value);

    public static XrdsReading? TryRead(WireReply reply)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(reply.Body), settings);
            var loaded = XDocument.Load(reader);
            return loaded.Root?.Name.LocalName == "XRDS" ? new XrdsReading(loaded, reply) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The address of an endpoint, wherever in the document it stands; <see langword="null"/> when it is nowhere.</summary>
    public string? Endpoint(string type) => Service(type)?.Elements().Where(e => e.Name.LocalName == "URI")
        .OrderBy(Priority).Select(e => e.Value.Trim()).FirstOrDefault(uri => WireText.IsPrintable(uri) && Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https");

    public string? LocalId => Service(WireText.Request)?.Elements().Where(e => e.Name.LocalName == "LocalID").OrderBy(Priority).FirstOrDefault()?.Value.Trim();

    public XElement? Service(string type) => Xrds.SelectMany(Services).Where(s => HasType(s, type)).OrderBy(Priority).FirstOrDefault();

    public static IEnumerable<XElement> Services(XElement xrd) => xrd.Elements().Where(e => e.Name.LocalName == "Service");

    public static bool HasType(XElement service, string type) => service.Elements().Any(e => e.Name.LocalName == "Type" && e.Value.Trim() == type);

    /// <summary>The XRD to which a service of the last one points by a bare fragment; <see langword="null"/> when there is none.</summary>
    public XElement? PointedTo(string type)
    {
        var uri = Xrds.Count == 0 ? null : Services(Xrds[^1]).FirstOrDefault(s => HasType(s, type))?.Elements().FirstOrDefault(e => e.Name.LocalName == "URI")?.Value.Trim();
        var fragment = uri?.Split('#', 2) is [_, var found] ? found : null;
        return fragment is null ? null : Xrds.FirstOrDefault(x => x.Attribute(Xml + "id")?.Value == fragment);
    }

    private static int Priority(XElement element) =>
        int.TryParse(element.Attribute("priority")?.Value, System.Globalization.CultureInfo.InvariantCulture, out var priority) && priority >= 0 ? priority : int.MaxValue;
}
