using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Live;

/// <summary>The streams of what is new: Server-Sent Events, resumed by <c>Last-Event-ID</c>.</summary>
internal sealed class LiveRoutes(PageFrames frames, MicroblogNode node, LiveFeed feed, IOptions<MicroblogOptions> options) : INodeRoutes
{
    private const string MediaType = "text/event-stream";

    public IEnumerable<NodeRoute> Routes =>
    [
        Get("/live/public", viewer => new LiveList(LiveKind.Public, viewer)),
        Get("/live/tag/{tag}", (viewer, request) => new LiveList(LiveKind.Tag, viewer, NoticeText.FoldTag(request.Route("tag")))),
        Get("/live/group/{id}", GroupAsync),
        Get("/live/conversation/{id}", (viewer, request) =>
            new LiveList(LiveKind.Conversation, viewer) { Conversation = new NoticeId(Visit.Number(request.Route("id"))) }),
        Get("/live/home", viewer => viewer.IsNone ? null : new LiveList(LiveKind.Home, viewer)),
        Get("/live/notifications", viewer => viewer.IsNone ? null : new LiveList(LiveKind.Notifications, viewer)),
    ];

    private NodeRoute Get(string template, Func<ProfileId, LiveList?> choose) => Get(template, (viewer, _) => choose(viewer));

    private NodeRoute Get(string template, Func<ProfileId, NodeRequest, LiveList?> choose) =>
        Get(template, (viewer, request, _) => new(choose(viewer, request) is { } list
            // Not a challenge: who asks is a script, which could do nothing with a page to sign in.
            ? (list, null)
            : (null, NodeResponse.Text(401, "Sign in, and choose a nickname, to see this."))));

    // By its number, so that a stream goes on whatever names the group has.
    private async ValueTask<(LiveList?, NodeResponse?)> GroupAsync(ProfileId viewer, NodeRequest request, CancellationToken cancellationToken)
    {
        var id = new GroupId(Visit.Number(request.Route("id")));
        return await node.ReadAsync((session, ct) => session.Groups.FindAsync(id, ct), cancellationToken).ConfigureAwait(false) is { } group
            ? (new LiveList(LiveKind.Group, viewer, group.Nickname) { Group = id }, null)
            : (null, NodeResponse.Text(404, "There is no such group."));
    }

    private NodeRoute Get(string template, Func<ProfileId, NodeRequest, CancellationToken, ValueTask<(LiveList? List, NodeResponse? Refusal)>> choose) => new()
    {
        Method = "GET",
        Template = template,
        Handler = async (request, ct) =>
        {
            var frame = await frames.ForAsync(request.User, ct).ConfigureAwait(false);
            var (list, refusal) = await choose(frame.Viewer?.Profile?.Id ?? default, request, ct).ConfigureAwait(false);
            return refusal ?? await OpenAsync(list!, frame, request, ct).ConfigureAwait(false);
        },
    };

    private async ValueTask<NodeResponse> OpenAsync(LiveList list, PageFrame frame, NodeRequest request, CancellationToken cancellationToken)
    {
        if (request.Method == "HEAD")
            return Stream(static (_, _) => default);
        var position = PositionOf(request)
            ?? (await node.ReadAsync((session, ct) => list.ReadAsync(session, 1, ct), cancellationToken).ConfigureAwait(false)).Next;
        var (holder, most) = list.Viewer.IsNone
            ? ("address:" + ClientNetwork.Of(request.RemoteAddress), options.Value.Live.MaxPerAddress)
            : ("person:" + list.Viewer, options.Value.Live.MaxPerPerson);
        return feed.TryOpen(list, position, frame, holder, most, out var reader) switch
        {
            LiveRoom.Given => Stream((output, ct) => feed.WriteAsync(reader!, output, ct)),
            LiveRoom.HolderHasEnough => NodeResponse.Text(429, "Too many live pages are open. Close one.").With("Retry-After", "60"),
            _ => NodeResponse.Text(503, "Too many people look on. The pages show everything when they are loaded anew.").With("Retry-After", "60"),
        };
    }

    /// <summary>Where a stream shall go on, if the request says so. The header is newer: a browser sends it when it comes again to the address
    /// that it began with.</summary>
    public static TimelinePosition? PositionOf(NodeRequest request) =>
        Visit.Number(request.Header("Last-Event-ID")) is var last and > 0 ? new TimelinePosition(last)
        : NodeForm.OfQuery(request)["after"] is { Length: > 0 } after ? new TimelinePosition(Visit.Number(after))
        : null;

    private static NodeResponse Stream(Func<Stream, CancellationToken, ValueTask> write) =>
        // Proxies that gather answers before they pass them on are asked not to (nginx).
        new NodeResponse(200, new NodeBody.Streamed(MediaType, write)).With("Cache-Control", "no-store").With("X-Accel-Buffering", "no");
}
