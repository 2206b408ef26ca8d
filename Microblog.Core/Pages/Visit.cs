using System.Globalization;
using Microblog.Http;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>One request for a page, or one form sent from it, and who sent it.</summary>
internal sealed class Visit(NodeRequest request, PageFrame frame)
{
    private NodeForm? form;
    private NodeForm? query;

    public NodeRequest Request => request;

    public PageFrame Frame => frame;

    /// <summary>The fields of the body.</summary>
    public NodeForm Form
    {
        get => form ??= NodeForm.OfBody(request);
        set => form = value;
    }

    /// <summary>The fields of the query.</summary>
    public NodeForm Query => query ??= NodeForm.OfQuery(request);

    /// <summary>Who looks, as far as notices care; none for visitors and for people without a profile.</summary>
    public ProfileId Viewer => frame.Viewer?.Profile?.Id ?? default;

    /// <summary>Visitors may get lists from a replica. Whoever has a profile sees at once what they did.</summary>
    public Freshness Freshness => Viewer.IsNone ? Freshness.MayLag : Freshness.Latest;

    public NodeResponse Page(Page page, int status = 200) => NodeResponse.Page(page with { Frame = frame }, status);

    public NodeResponse Message(int status, string heading, string message) => Page(new MessagePage(heading, message, status), status);

    public NodeResponse NotFound() => Message(404, "Nothing here", "There is nothing at this address, or you may not see it.");

    public NodeResponse To(string path) => NodeResponse.SeeOther(frame.At(path));

    /// <summary>Leads back to the page of this node that the form says it was on.</summary>
    /// <param name="otherwise">Where to, when it does not say so, or names something else than a path of ours.</param>
    public NodeResponse Back(string otherwise)
    {
        var back = Form["back"];
        var isOurs = back.Length is > 0 and < 300 && back[0] == '/' && !back.StartsWith("//", StringComparison.Ordinal)
            && back.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '?' or '=' or '&' or '#' or '-' or '_' or '.' or '%' or '~');
        return To(isOurs ? back : otherwise);
    }

    /// <summary>A number from the path or a field; 0, which names nothing, for anything else.</summary>
    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>Text of a field with several lines. Browsers send CR LF for what people typed as one line end.</summary>
    public string Lines(string field) => Form[field].Replace("\r\n", "\n", StringComparison.Ordinal);
}
