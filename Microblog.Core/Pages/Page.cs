namespace Microblog.Pages;

/// <summary>What a page says, without how it looks. Every page of the node is one of the records derived from this.</summary>
/// <remarks>Text in a page is hostile unless a member says otherwise; the renderer encodes it.</remarks>
public abstract record Page
{
    /// <summary>What stands around the page. Whoever makes a page may leave it out; the host fills it in before rendering.</summary>
    public PageFrame? Frame { get; init; }

    /// <summary>The title, for the tab and the first heading.</summary>
    public abstract string Title { get; }

    /// <summary>Elements for the document's head, such as where its machine form is.</summary>
    public IReadOnlyList<HeadElement> Head { get; init; } = [];

    /// <summary>What the page objects to, for the log; empty when it is no refusal.</summary>
    public virtual string Objection => "";

    /// <summary>The short reference under which the node has logged a refusal; empty when the page is none.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Whether the page brings a script of the node along; its security policy then permits those of this site.</summary>
    public virtual bool HasScript => false;

    /// <summary>Whether it shows a secret; then no browser and no proxy keeps a copy of it.</summary>
    public virtual bool ShowsSecret => false;

    /// <summary>Whether it is shown without what surrounds the site's pages, as programs ask for that show it in a window of their own.</summary>
    public bool IsBare { get; init; }

    /// <summary>Whether sending a form of this page may end at another site, as consent does; the page's security policy then permits it.</summary>
    public virtual bool LeadsElsewhere => false;

    /// <summary>The scheme besides http and https to which a page with <see cref="LeadsElsewhere"/> may lead; empty for none.</summary>
    public virtual string OtherScheme => "";
}
