using System.Collections.Specialized;
using System.Text;
using System.Web;

namespace Microblog.Http;

/// <summary>A form from one of our own pages. Signed requests of other services are read by their protocol, byte by byte.</summary>
public sealed class NodeForm
{
    private readonly NameValueCollection values;

    private NodeForm(string encoded) => values = HttpUtility.ParseQueryString(encoded, Encoding.UTF8);

    /// <summary>Reads the body of a form post.</summary>
    public static NodeForm OfBody(NodeRequest request) => new(Encoding.UTF8.GetString(request.Body.Span));

    /// <summary>Reads the query.</summary>
    public static NodeForm OfQuery(NodeRequest request) => new(request.RawQuery);

    /// <summary>The first value of a field; empty when it is absent.</summary>
    public string this[string name] => values.GetValues(name) is [var first, ..] ? first : "";

    /// <summary>Whether a box was ticked.</summary>
    public bool Has(string name) => this[name].Length > 0;
}
