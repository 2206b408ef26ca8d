using System.Net;
using System.Text;

namespace Microblog.Http;

/// <summary>A form from one of our own pages. Signed requests of other services are read by their protocol, byte by byte.</summary>
public sealed class NodeForm
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>A form whose fields were read by somebody else.</summary>
    internal NodeForm()
    {
    }

    private NodeForm(string encoded)
    {
        foreach (var pair in encoded.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var end = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = end < 0 ? (pair, "") : (pair[..end], pair[(end + 1)..]);
            values.TryAdd(WebUtility.UrlDecode(name), WebUtility.UrlDecode(value));
        }
    }

    /// <summary>Reads the body of a form post.</summary>
    public static NodeForm OfBody(NodeRequest request) => new(Encoding.UTF8.GetString(request.Body.Span));

    /// <summary>Reads a form post that has been read already.</summary>
    internal static NodeForm Of(ReadOnlySpan<byte> encoded) => new(Encoding.UTF8.GetString(encoded));

    /// <summary>A form whose fields were read by somebody else; of several of one name the first counts.</summary>
    public static NodeForm Of(IEnumerable<KeyValuePair<string, string>> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var form = new NodeForm();
        foreach (var (name, value) in fields)
            form.Add(name, value);
        return form;
    }

    /// <summary>Adds a field; of several of one name the first counts.</summary>
    internal void Add(string name, string value) => values.TryAdd(name, value);

    /// <summary>Reads the query.</summary>
    public static NodeForm OfQuery(NodeRequest request) => new(request.RawQuery);

    /// <summary>The first value of a field; empty when it is absent. Bytes that are not UTF-8 are U+FFFD.</summary>
    public string this[string name] => values.GetValueOrDefault(name, "");

    /// <summary>Whether the field is there at all, be it empty.</summary>
    public bool Contains(string name) => values.ContainsKey(name);

    /// <summary>Whether a box was ticked.</summary>
    public bool Has(string name) => this[name].Length > 0;
}
