using Microblog.Feeds;
using Microblog.Http;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>The pages that list notices.</summary>
internal sealed class TimelineRoutes(PageRoutes pages, MicroblogNode node, IOptions<MicroblogOptions> options) : INodeRoutes
{
    private delegate ValueTask<EntryPage> Read(ITimelineReader timelines, PageRequest page, CancellationToken cancellationToken);

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/", PublicAsync),
        pages.GetOwn("/home", HomeAsync),
        pages.GetOwn("/mentions", MentionsAsync),
        pages.Get("/tag/{tag}", TagAsync),
        pages.Get("/conversation/{id}", ConversationAsync),
        pages.GetOwn("/direct", DirectAsync),
        pages.Get("/{nickname}/favourites", FavouritesAsync),
    ];

    private async ValueTask<NodeResponse> PublicAsync(Visit visit, CancellationToken cancellationToken) =>
        visit.Page(Live("/live/public", new TimelinePage
        {
            Heading = "Public timeline",
            EmptyText = "Nobody here has written anything public yet.",
            Slice = await ReadAsync(visit, "/", (t, page, ct) => t.PublicAsync(visit.Viewer, page, ct), cancellationToken).ConfigureAwait(false),
            Head = [.. FeedRoutes.Links(visit.Frame, "/")],
        }));

    private async ValueTask<NodeResponse> HomeAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        visit.Page(Live("/live/home", new TimelinePage
        {
            Heading = "Home",
            EmptyText = "Nothing yet. Write something, or follow somebody.",
            Slice = await ReadAsync(visit, "/home", (t, page, ct) => t.HomeAsync(person.Id, page, ct), cancellationToken).ConfigureAwait(false),
            Form = new NoticeForm(person.License, options.Value.MaxNoticeLength) { MaxAttachments = options.Value.MaxAttachments },
        }));

    private async ValueTask<NodeResponse> MentionsAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        visit.Page(new TimelinePage
        {
            Heading = "Mentions",
            EmptyText = "Nobody has mentioned you yet.",
            Slice = await ReadAsync(visit, "/mentions", (t, page, ct) => t.MentionsAsync(person.Id, page, ct), cancellationToken).ConfigureAwait(false),
        });

    private async ValueTask<NodeResponse> DirectAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        visit.Page(new TimelinePage
        {
            Heading = "Direct notices",
            EmptyText = "Nobody has written to you alone yet, nor you to anybody.",
            Slice = await ReadAsync(visit, "/direct", (t, page, ct) => t.DirectAsync(person.Id, page, ct), cancellationToken).ConfigureAwait(false),
            Form = new NoticeForm(person.License, options.Value.MaxNoticeLength)
            {
                MaxAttachments = options.Value.MaxAttachments,
                Visibility = Visibility.Direct,
            },
        });

    private async ValueTask<NodeResponse> FavouritesAsync(Visit visit, CancellationToken cancellationToken)
    {
        if (await node.FindLocalAsync(visit.Request.Route("nickname"), cancellationToken).ConfigureAwait(false) is not { MayAct: true } person)
            return visit.NotFound();
        return visit.Page(new TimelinePage
        {
            Heading = $"Favourites of {person.Nickname}",
            EmptyText = "No favourites that you can see.",
            Slice = await ReadAsync(
                visit, $"/{person.Nickname}/favourites", (t, page, ct) => t.FavouritesAsync(person.Id, visit.Viewer, page, ct), cancellationToken)
                .ConfigureAwait(false),
            Head = [.. FeedRoutes.Links(visit.Frame, $"/{person.Nickname}/favourites")],
        });
    }

    private async ValueTask<NodeResponse> TagAsync(Visit visit, CancellationToken cancellationToken)
    {
        var tag = NoticeText.FoldTag(visit.Request.Route("tag"));
        var path = "/tag/" + Uri.EscapeDataString(tag);
        return visit.Page(Live("/live" + path, new TimelinePage
        {
            Heading = $"#{tag}",
            EmptyText = "No public notice has this tag.",
            Slice = await ReadAsync(visit, path, (t, page, ct) => t.TagAsync(tag, visit.Viewer, page, ct), cancellationToken).ConfigureAwait(false),
            Head = [.. FeedRoutes.Links(visit.Frame, path)],
        }));
    }

    private async ValueTask<NodeResponse> ConversationAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = new NoticeId(Visit.Number(visit.Request.Route("id")));
        var slice = await ReadAsync(
            visit, $"/conversation/{id}", (t, page, ct) => t.ConversationAsync(id, visit.Viewer, page, ct), cancellationToken).ConfigureAwait(false);
        return slice.Entries.Count == 0
            ? visit.NotFound()
            : visit.Page(Live($"/live/conversation/{id}", new TimelinePage
            {
                Heading = "Conversation",
                EmptyText = "",
                Slice = slice,
                Head = [.. FeedRoutes.Links(visit.Frame, $"/conversation/{id}")],
            }));
    }

    private static TimelinePage Live(string stream, TimelinePage page) =>
        page with { Live = page.Slice.LiveAt(stream) };

    private Task<TimelineSlice> ReadAsync(Visit visit, string path, Read read, CancellationToken cancellationToken) => node.ReadAsync(
        visit.Freshness,
        (session, ct) => TimelineSlice.ReadAsync(visit, session, path, (timelines, page) => read(timelines, page, ct), ct),
        cancellationToken);
}
