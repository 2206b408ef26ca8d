using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Atom;

/// <summary>Offers public and unlisted notices as Atom entries at their own address, by <c>Accept</c> and by <c>link rel="alternate"</c>.</summary>
internal sealed class AtomRepresentation : INoticeRepresentation
{
    private const string BareType = "application/atom+xml";

    public bool IsPreferred(string accept) =>
        accept.Split(',', StringSplitOptions.TrimEntries) is [var first, ..] && first.StartsWith(BareType, StringComparison.OrdinalIgnoreCase);

    public ValueTask<NodeResponse> RenderAsync(TimelineEntry notice, CancellationToken cancellationToken) =>
        new(NodeResponse.Bytes(200, AtomEntry.MediaType, AtomEntry.Write(notice.Notice, notice.Author)));

    public IEnumerable<KeyValuePair<string, string>> Headers(TimelineEntry notice) => [];

    public IEnumerable<HeadElement> HeadElements(TimelineEntry notice) =>
        [new HeadElement.Link("alternate", BareType, notice.Notice.Url)];
}
