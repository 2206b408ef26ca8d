namespace Microblog.Pages;

/// <summary>An element of a document's head.</summary>
public abstract record HeadElement
{
    private HeadElement()
    {
    }

    /// <summary><c>&lt;meta http-equiv&gt;</c>, such as <c>X-XRDS-Location</c> (OMB-3).</summary>
    public sealed record HttpEquiv(string Name, string Content) : HeadElement;

    /// <summary><c>&lt;link&gt;</c>, such as <c>rel="alternate"</c> of a machine form.</summary>
    public sealed record Link(string Rel, string MediaType, string Href) : HeadElement;
}
