using Microblog.Http;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>What people do with notices: mark, pass on, change; and what they are told of it.</summary>
internal sealed class ReactionRoutes(PageRoutes pages, MicroblogNode node, IOptions<MicroblogOptions> options) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Post("/favourite/add", (visit, person, ct) => MarkAsync(visit, person, node.FavouriteAsync, ct)),
        pages.Post("/favourite/remove", (visit, person, ct) => MarkAsync(visit, person, node.UnfavouriteAsync, ct)),
        pages.Post("/repeat", RepeatAsync),
        pages.GetOwn("/notice/{id}/edit", ShowFormAsync),
        pages.Get("/notice/{id}/history", ShowHistoryAsync),
        pages.Post("/notice/edit", EditAsync, PageRoutes.SmallForm + (options.Value.MaxNoticeLength * 12)),
        pages.GetOwn("/notifications", ShowNotificationsAsync),
        pages.Post("/notifications/read", MarkReadAsync),
    ];

    private static async ValueTask<NodeResponse> MarkAsync(
        Visit visit, Profile person, Func<ProfileId, NoticeId, CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        var id = new NoticeId(Visit.Number(visit.Form["id"]));
        return await change(person.Id, id, cancellationToken).ConfigureAwait(false)
            ? visit.Back($"/notice/{id}")
            : visit.Message(404, "Nothing changed", "There is no such notice, or you may not see it.");
    }

    private async ValueTask<NodeResponse> RepeatAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var id = new NoticeId(Visit.Number(visit.Form["id"]));
        var result = await node.RepeatAsync(person.Id, id, cancellationToken).ConfigureAwait(false);
        return result.Problem is { } problem ? visit.Message(400, "Not repeated", problem) : visit.Back($"/notice/{id}");
    }

    private async ValueTask<NodeResponse> ShowFormAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await FindOwnAsync(person, Visit.Number(visit.Request.Route("id")), cancellationToken).ConfigureAwait(false) is { } notice
            ? visit.Page(new WritePage
            {
                Form = new NoticeForm(notice.License, options.Value.MaxNoticeLength)
                {
                    Changes = notice.Id,
                    Content = notice.Content,
                    Warning = notice.Warning,
                    Language = notice.Language,
                    IsSensitive = notice.IsSensitive,
                },
            })
            : visit.NotFound();

    private async ValueTask<NodeResponse> EditAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        if (await FindOwnAsync(person, Visit.Number(visit.Form["id"]), cancellationToken).ConfigureAwait(false) is not { } notice)
            return visit.Message(404, "Nothing changed", "You have no such notice.");
        var form = new NoticeForm(notice.License, options.Value.MaxNoticeLength)
        {
            Changes = notice.Id,
            Content = visit.Lines("content"),
            Warning = visit.Form["warning"].Trim(),
            Language = visit.Form["language"].Trim(),
            IsSensitive = visit.Form.Has("sensitive"),
        };
        var draft = new NoticeDraft { Content = form.Content, Warning = form.Warning, Language = form.Language, IsSensitive = form.IsSensitive };
        var result = await node.EditAsync(person.Id, notice.Id, draft, cancellationToken).ConfigureAwait(false);
        return result.Problem is { } problem
            ? visit.Page(new WritePage { Form = form with { Problem = problem } }, 400)
            : visit.To($"/notice/{notice.Id}");
    }

    private async ValueTask<NodeResponse> ShowHistoryAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = new NoticeId(Visit.Number(visit.Request.Route("id")));
        var page = await node.ReadAsync<HistoryPage?>(
            async (session, ct) => await session.Notices.FindAsync(id, visit.Viewer, ct).ConfigureAwait(false) is not { } entry ? null
                : new HistoryPage
                {
                    Entry = entry,
                    Reactions = await TimelineSlice.ReactionsAsync(session, visit.Viewer, [entry], ct).ConfigureAwait(false),
                    Revisions = await session.Notices.ListRevisionsAsync(id, ct).ConfigureAwait(false),
                },
            cancellationToken).ConfigureAwait(false);
        return page is null ? visit.NotFound() : visit.Page(page);
    }

    private async ValueTask<NodeResponse> ShowNotificationsAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var request = TimelineSlice.Request(visit.Query);
        return visit.Page(await node.ReadAsync(
            async (session, ct) =>
            {
                var entries = await session.Notifications.ListAsync(person.Id, request, ct).ConfigureAwait(false);
                var page = NotificationsPage.Of(entries, request);
                return page with
                {
                    Reactions = await TimelineSlice.ReactionsAsync(
                        session, person.Id, [.. page.Entries.Select(entry => entry.Notice).OfType<TimelineEntry>()], ct).ConfigureAwait(false),
                    Read = await session.Notifications.FindMarkAsync(person.Id, ReadMarks.Notifications, ct).ConfigureAwait(false),
                };
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<NodeResponse> MarkReadAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        await node.MarkReadAsync(person.Id, ReadMarks.Notifications, new TimelinePosition(Visit.Number(visit.Form["position"])), cancellationToken)
            .ConfigureAwait(false);
        return visit.To("/notifications");
    }

    private async Task<Notice?> FindOwnAsync(Profile person, long id, CancellationToken cancellationToken) =>
        await node.FindNoticeAsync(new NoticeId(id), person.Id, cancellationToken).ConfigureAwait(false) is { Notice: { IsRemote: false, RepeatOf.IsNone: true } notice }
            && notice.Author == person.Id ? notice : null;
}
