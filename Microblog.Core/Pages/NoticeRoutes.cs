using Microblog.Feeds;
using Microblog.Http;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Writing, reading and deleting one notice.</summary>
internal sealed class NoticeRoutes(
    PageRoutes pages, MicroblogNode node, NodeAddresses addresses, IEnumerable<INoticeRepresentation> representations, IOptions<MicroblogOptions> options) : INodeRoutes
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
                Warning = form.Warning,
                Language = form.Language,
                IsSensitive = form.IsSensitive,
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
        Warning = visit.Form["warning"].Trim(),
        Language = visit.Form["language"].Trim(),
        IsSensitive = visit.Form.Has("sensitive"),
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
        var found = await node.ReadAsync((session, ct) => FindAsync(session, visit.Viewer, id, ct), cancellationToken).ConfigureAwait(false);
        if (found is null)
            return visit.NotFound().With("Vary", "Accept");
        var entry = found.Entry;

        IEnumerable<INoticeRepresentation> forms = entry.Notice is { IsPublic: true, IsLocalOnly: false, IsRemote: false } ? representations : [];
        var accept = visit.Request.Header("Accept");
        foreach (var form in forms)
        {
            if (form.IsPreferred(accept))
                return (await form.RenderAsync(await ForEverybodyAsync(entry, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)).With("Vary", "Accept");
        }

        var page = visit.Page(found with
        {
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

    // These forms do not depend on who asks.
    private Task<TimelineEntry> ForEverybodyAsync(TimelineEntry entry, CancellationToken cancellationToken) => node.ReadAsync(
        async (session, ct) => (await Threading.ShowAsync(session, addresses, default, [entry], ct).ConfigureAwait(false))[0], cancellationToken);

    private static async ValueTask<NoticePage?> FindAsync(IReadSession session, ProfileId viewer, NoticeId id, CancellationToken cancellationToken)
    {
        const int People = 20;
        if (await session.Notices.FindAsync(id, viewer, cancellationToken).ConfigureAwait(false) is not { } entry)
            return null;
        var answered = entry.Notice.ReplyTo.IsNone ? null : await session.Notices.FindAsync(entry.Notice.ReplyTo, viewer, cancellationToken).ConfigureAwait(false);
        var shown = (entry.Repeated ?? entry).Notice;
        return new NoticePage
        {
            Entry = entry,
            Answered = answered,
            Reactions = await TimelineSlice.ReactionsAsync(
                session, viewer, answered is null ? [entry] : [entry, answered], cancellationToken).ConfigureAwait(false),
            Favouriters = shown.Counts.Favourites == 0 ? []
                : await session.Reactions.ListFavouritersAsync(shown.Id, viewer, People, cancellationToken).ConfigureAwait(false),
            Repeaters = shown.Counts.Repeats == 0 ? []
                : await session.Reactions.ListRepeatersAsync(shown.Id, viewer, People, cancellationToken).ConfigureAwait(false),
        };
    }

    private async ValueTask<NodeResponse> DeleteAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await node.DeleteAsync(person.Id, new NoticeId(Visit.Number(visit.Form["id"])), cancellationToken).ConfigureAwait(false)
            ? visit.Back("/home")
            : visit.Message(404, "Nothing deleted", "You have no such notice.");
}
