using Microblog.Pages;

namespace Microblog.Http;

/// <summary>A machine form of local people's profiles, offered at the address of the page itself (OMB-1 to OMB-3).</summary>
public interface IProfileRepresentation
{
    /// <summary>Whether a client with this <c>Accept</c> header wants this form no less than HTML. Without the header, and for <c>*/*</c>, it does not.</summary>
    bool IsPreferred(string accept);

    /// <summary>Answers with this form.</summary>
    ValueTask<NodeResponse> RenderAsync(Profile profile, CancellationToken cancellationToken);

    /// <summary>Headers for the HTML answer, such as <c>X-XRDS-Location</c>.</summary>
    IEnumerable<KeyValuePair<string, string>> Headers(Profile profile);

    /// <summary>Elements for the head of the HTML answer.</summary>
    IEnumerable<HeadElement> HeadElements(Profile profile);

    /// <summary>Where a visitor of another service begins to subscribe, an address of this node; <see langword="null"/> for nowhere.</summary>
    string? SubscribeUrl(Profile profile) => null;
}
