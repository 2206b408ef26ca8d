namespace Microblog.Omb.Discovery;

/// <summary>An XRDS document, reduced to what XRDS-Simple uses (OMB reference 3.3).</summary>
/// <param name="Descriptions">Every XRD in the order of the document; at least one.</param>
internal sealed record XrdsDocument(IReadOnlyList<Xrd> Descriptions)
{
    /// <summary>The description of the resource itself: the last XRD, wherever the fragment does not name another.</summary>
    public Xrd? Entry(string? id) => string.IsNullOrEmpty(id) ? Descriptions[^1] : ById(id);

    /// <summary>The XRD with this <c>xml:id</c>, or <see langword="null"/>.</summary>
    public Xrd? ById(string id) => Descriptions.FirstOrDefault(d => d.Id == id);
}

/// <summary>One XRD.</summary>
internal sealed record Xrd(string? Id, IReadOnlyList<XrdService> Services);

/// <summary>One service. A priority of <see langword="null"/> comes after every number.</summary>
internal sealed record XrdService(
    int? Priority, IReadOnlyList<string> Types, IReadOnlyList<XrdValue> Uris, IReadOnlyList<XrdValue> LocalIds);

/// <summary>The trimmed text of a URI or LocalID with its priority.</summary>
internal sealed record XrdValue(int? Priority, string Text);

/// <summary>What became of the bytes that claimed to be an XRDS document.</summary>
internal abstract record XrdsParsing
{
    private XrdsParsing()
    {
    }

    /// <summary>A document.</summary>
    public sealed record Parsed(XrdsDocument Document) : XrdsParsing;

    /// <summary>None, and why, in words for the person who can repair it.</summary>
    public sealed record Refused(XrdsProblem Problem, string Detail) : XrdsParsing;
}

/// <summary>Why bytes are not an acceptable XRDS document.</summary>
internal enum XrdsProblem
{
    /// <summary>More bytes than <see cref="XrdsParser.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>Not well-formed XML.</summary>
    NotXml,

    /// <summary>A document type declaration, which is never processed.</summary>
    Dtd,

    /// <summary>XML with another root element.</summary>
    NotXrds,

    /// <summary>More elements, or deeper ones, than any honest document has.</summary>
    TooComplex,

    /// <summary>No XRD in it.</summary>
    Empty,
}
