using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Http;

/// <summary>A machine form of notices, offered at the address of the page itself. Asked only for notices that the reader may see;
/// only public and unlisted ones have machine forms (OMB-137).</summary>
public interface INoticeRepresentation
{
    /// <summary>Whether a client with this <c>Accept</c> header wants this form no less than HTML. Without the header, and for <c>*/*</c>, it does not.</summary>
    bool IsPreferred(string accept);

    /// <summary>Answers with this form.</summary>
    ValueTask<NodeResponse> RenderAsync(TimelineEntry notice, CancellationToken cancellationToken);

    /// <summary>Headers for the HTML answer.</summary>
    IEnumerable<KeyValuePair<string, string>> Headers(TimelineEntry notice);

    /// <summary>Elements for the head of the HTML answer, such as <c>link rel="alternate"</c>.</summary>
    IEnumerable<HeadElement> HeadElements(TimelineEntry notice);
}
