using System.Globalization;
using System.Text;
using System.Xml;

namespace Microblog.Omb.Discovery;

/// <summary>Reads XRDS documents as they are met in the wild; survives any bytes (OMB-104, OMB-105).</summary>
/// <remarks>One pass without recursion. Namespaces compare without case, since published samples write <c>$XRD</c> (Q4); white
/// space and byte order marks before the XML declaration are skipped (Q10); text is trimmed (Q1); what is unknown is ignored.</remarks>
internal sealed class XrdsParser
{
    /// <summary>Largest document, 1 MiB: what StatusNet reads (Q17).</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Longest Type, URI or LocalID; longer ones are ignored.</summary>
    public const int MaxText = 2048;

    /// <summary>Most services in a document; a full OMB profile has eight.</summary>
    public const int MaxServices = 500;

    private const int MaxDepth = 32;
    private const int MaxDescriptions = 100;
    private const int MaxValuesPerService = 100;

    private readonly List<Xrd> _descriptions = [];
    private readonly StringBuilder _text = new();
    private int _serviceCount;
    private List<XrdService>? _services;
    private ServiceBuilder? _service;
    private string? _id;
    private string? _valueName;
    private int? _valuePriority;

    private XrdsParser()
    {
    }

    /// <summary>Parses a document.</summary>
    public static XrdsParsing Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return new XrdsParsing.Refused(XrdsProblem.TooLarge, $"the XRDS document is larger than {MaxBytes} bytes");

        try
        {
            using var stream = new MemoryStream(SkipLeading(bytes.Span).ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = MaxBytes,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                CloseInput = false,
            });
            return new XrdsParser().Read(reader);
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException or ArgumentException or NotSupportedException)
        {
            // The last three come from encodings that the XML declaration names.
            return bytes.Span.IndexOf("<!DOCTYPE"u8) >= 0
                ? new XrdsParsing.Refused(XrdsProblem.Dtd, "the XRDS document has a document type declaration, which is not accepted")
                : new XrdsParsing.Refused(XrdsProblem.NotXml, $"the XRDS document is not well-formed XML: {e.Message}");
        }
    }

    private static ReadOnlySpan<byte> SkipLeading(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes.TrimStart(" \t\r\n"u8);
        if (rest.StartsWith("\uFEFF"u8))
            rest = rest[3..].TrimStart(" \t\r\n"u8);
        return rest;
    }

    private XrdsParsing Read(XmlReader reader)
    {
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.Depth > MaxDepth:
                    return new XrdsParsing.Refused(XrdsProblem.TooComplex, $"the XRDS document nests elements deeper than {MaxDepth}");
                case XmlNodeType.Element:
                    if (Begin(reader) is { } refused)
                        return refused;
                    if (reader.IsEmptyElement)
                        End(reader.Depth);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace
                    when _valueName is not null && reader.Depth == 4 && _text.Length <= MaxText:
                    _text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    End(reader.Depth);
                    break;
            }
        }

        return _descriptions.Count == 0
            ? new XrdsParsing.Refused(XrdsProblem.Empty, "the XRDS document describes nothing: it holds no XRD element")
            : new XrdsParsing.Parsed(new XrdsDocument(_descriptions));
    }

    private XrdsParsing.Refused? Begin(XmlReader reader)
    {
        switch (reader.Depth)
        {
            case 0 when !Is(reader, "XRDS", XrdsTypes.XrdsNamespace):
                return new XrdsParsing.Refused(XrdsProblem.NotXrds, "the document is XML, but its root is not XRDS in the namespace xri://$xrds");
            case 1 when Is(reader, "XRD", XrdsTypes.XrdNamespace):
                if (_descriptions.Count == MaxDescriptions)
                    return new XrdsParsing.Refused(XrdsProblem.TooComplex, $"the XRDS document holds more than {MaxDescriptions} XRD elements");
                _id = reader.GetAttribute("id", "http://www.w3.org/XML/1998/namespace")?.Trim();
                _services = [];
                break;
            case 2 when _services is not null && Is(reader, "Service", XrdsTypes.XrdNamespace):
                if (++_serviceCount > MaxServices)
                    return new XrdsParsing.Refused(XrdsProblem.TooComplex, $"the XRDS document lists more than {MaxServices} services");
                _service = new ServiceBuilder(Priority(reader));
                break;
            case 3 when _service is not null:
                return BeginValue(reader, _service);
        }

        return null;
    }

    private XrdsParsing.Refused? BeginValue(XmlReader reader, ServiceBuilder service)
    {
        // We know no extensions, so a service that insists on one is not for us.
        if (Is(reader, "MustSupport", XrdsTypes.SimpleNamespace))
            service.IsUsable = false;
        if (!Is(reader, reader.LocalName, XrdsTypes.XrdNamespace) || reader.LocalName is not ("Type" or "URI" or "LocalID"))
            return null;
        if (++service.Values > MaxValuesPerService)
            return new XrdsParsing.Refused(XrdsProblem.TooComplex, $"a service of the XRDS document has more than {MaxValuesPerService} values");

        // XRI templates: without them the address means something else.
        if (reader.LocalName == "URI" && reader.GetAttribute("append") is { } append && append.Trim() is not ("" or "none"))
            return null;

        _text.Clear();
        _valueName = reader.LocalName;
        _valuePriority = Priority(reader);
        return null;
    }

    private void End(int depth)
    {
        switch (depth)
        {
            case 1 when _services is not null:
                _descriptions.Add(new Xrd(_id, _services));
                _services = null;
                break;
            case 2 when _service is not null:
                if (_service.IsUsable)
                    _services!.Add(_service.Build());
                _service = null;
                break;
            case 3 when _valueName is not null:
                var text = _text.ToString().Trim();
                if (text.Length is > 0 and <= MaxText)
                    _service!.Add(_valueName, new XrdValue(_valuePriority, text));
                _valueName = null;
                break;
        }
    }

    private static bool Is(XmlReader reader, string name, string ns) =>
        reader.LocalName == name && string.Equals(reader.NamespaceURI, ns, StringComparison.OrdinalIgnoreCase);

    // Not a number means none was given; more than fits is just very far back.
    private static int? Priority(XmlReader reader)
    {
        var text = reader.GetAttribute("priority")?.Trim();
        if (string.IsNullOrEmpty(text) || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
    }

    private sealed class ServiceBuilder(int? priority)
    {
        private readonly List<string> _types = [];
        private readonly List<XrdValue> _uris = [];
        private readonly List<XrdValue> _localIds = [];

        public bool IsUsable { get; set; } = true;

        public int Values { get; set; }

        public void Add(string name, XrdValue value)
        {
            if (name == "Type")
                _types.Add(value.Text);
            else
                (name == "URI" ? _uris : _localIds).Add(value);
        }

        public XrdService Build() => new(priority, _types, _uris, _localIds);
    }
}
