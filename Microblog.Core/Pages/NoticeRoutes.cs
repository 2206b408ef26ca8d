using Microblog.Http;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Writing, reading and deleting one notice.</summary>
internal sealed class NoticeRoutes(
    PageRoutes pages, MicroblogNode node, IEnumerable<INoticeRepresentation> representations, IOptions<MicroblogOptions> options) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        // A character of four bytes takes twelve in a form.
        pages.PostFiles("/notice", PublishAsync, new FormLimits(
            PageRoutes.SmallForm + (options.Value.MaxNoticeLength * 12) + (options.Value.MaxAttachments * MaxDescriptionBytes),
            options.Value.MaxAttachments,
            options.Value.MaxAttachmentBytes)),
        pages.Get("/notice/{id}", ShowAsync),
        pages.Post("/notice/delete", DeleteAsync),
    ];

    private const int MaxDescriptionBytes = 4 * 10 * Attachment.MaxDescription;

    private async ValueTask<NodeResponse> PublishAsync(Visit visit, Profile person, PostedFiles files, CancellationToken cancellationToken)
    {
        var uploads = new NoticeUploads(node, person, options.Value);
        try
        {
            var taken = await uploads.TakeAsync(files, cancellationToken).ConfigureAwait(false);
            var described = await uploads.DescribeAsync(visit.Form, cancellationToken).ConfigureAwait(false);
            var form = Read(visit, person) with { Uploads = uploads.All };
            if ((taken ?? described) is var (problem, status))
                return visit.Page(new WritePage { Form = form with { Problem = problem } }, status);
            // To look at the pictures before they are published; works without a script.
            return visit.Form.Has("upload")
                ? visit.Page(new WritePage { Form = form })
                : await PublishAsync(visit, person, form, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await uploads.WithdrawAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<NodeResponse> PublishAsync(Visit visit, Profile person, NoticeForm form, CancellationToken cancellationToken)
    {
        var result = await node.PublishAsync(
            person.Id,
            new NoticeDraft
            {
                Content = form.Content,
                Visibility = form.Visibility,
                IsLocalOnly = form.IsLocalOnly,
                ReplyTo = form.ReplyTo,
                SeeAlso = form.SeeAlso.Length == 0 ? null : new SeeAlso(form.SeeAlso),
                Attachments = [.. form.Uploads.Select(upload => upload.Id)],
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.IsDone(out var notice, out var problem))
            return visit.Page(new WritePage { Form = form with { Problem = problem } }, 400);
        var path = form.ReplyTo.IsNone ? "/home" : $"/conversation/{notice.Conversation}";
        return visit.To($"{path}#notice-{notice.Id}");
    }

    private NoticeForm Read(Visit visit, Profile person) => new(person.License, options.Value.MaxNoticeLength)
    {
        MaxAttachments = options.Value.MaxAttachments,
        Content = visit.Lines("content"),
        SeeAlso = visit.Form["seealso"].Trim(),
        Visibility = visit.Form["visibility"] switch
        {
            "" or "public" => Visibility.Public,
            "unlisted" => Visibility.Unlisted,
            "followers" => Visibility.Followers,
            // Anything else shows less rather than more.
            _ => Visibility.Direct,
        },
        IsLocalOnly = visit.Form.Has("local_only"),
        ReplyTo = new NoticeId(Visit.Number(visit.Form["reply_to"])),
    };

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var id = new NoticeId(Visit.Number(visit.Request.Route("id")));
        var (entry, answered) = await node.ReadAsync<(TimelineEntry?, TimelineEntry?)>(
            async (session, ct) =>
            {
                var found = await session.Notices.FindAsync(id, visit.Viewer, ct).ConfigureAwait(false);
                return found is null || found.Notice.ReplyTo.IsNone
                    ? (found, null)
                    : (found, await session.Notices.FindAsync(found.Notice.ReplyTo, visit.Viewer, ct).ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
        if (entry is null)
            return visit.NotFound().With("Vary", "Accept");

        IEnumerable<INoticeRepresentation> forms = entry.Notice is { IsPublic: true, IsLocalOnly: false, IsRemote: false } ? representations : [];
        var accept = visit.Request.Header("Accept");
        foreach (var form in forms)
        {
            if (form.IsPreferred(accept))
                return (await form.RenderAsync(entry, cancellationToken).ConfigureAwait(false)).With("Vary", "Accept");
        }

        var page = visit.Page(new NoticePage
        {
            Entry = entry,
            Answered = answered,
            Head = [.. forms.SelectMany(f => f.HeadElements(entry))],
            Reply = visit.Frame.Viewer?.Profile is not { } person ? null
                : new NoticeForm(person.License, options.Value.MaxNoticeLength)
                {
                    MaxAttachments = options.Value.MaxAttachments,
                    ReplyTo = id,
                    Visibility = entry.Notice.Visibility,
                    IsLocalOnly = entry.Notice.IsLocalOnly,
                    Content = entry.Author.Id == person.Id ? "" : $"@{entry.Author.Address} ",
                },
        });
        return page with { Headers = [new("Vary", "Accept"), .. forms.SelectMany(f => f.Headers(entry))] };
    }

    private async ValueTask<NodeResponse> DeleteAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await node.DeleteAsync(person.Id, new NoticeId(Visit.Number(visit.Form["id"])), cancellationToken).ConfigureAwait(false)
            ? visit.To("/home")
            : visit.Message(404, "Nothing deleted", "You have no such notice.");
}
