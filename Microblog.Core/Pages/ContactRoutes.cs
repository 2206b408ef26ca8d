using System.Text;
using Microblog.Contacts;
using Microblog.Http;
using Microblog.Text;

namespace Microblog.Pages;

/// <summary>Following many at once from a list of contacts, and taking along whom one follows.</summary>
internal sealed class ContactRoutes(PageRoutes pages, ContactDesk desk, ContactExport export) : INodeRoutes
{
    private const string Choice = "/settings/contacts/follow";

    // In a form each byte of text may take three.
    private static readonly FormLimits ListLimits = new(3 * ContactFile.MaxBytes, 1, ContactFile.MaxBytes);
    private static readonly FormLimits ChoiceLimits = new((3 * ContactDesk.MaxWritten) + PageRoutes.SmallForm, 0, 0);

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/settings/contacts", (visit, _, _) => new(visit.Page(new ContactsPage()))),
        pages.PostFiles("/settings/contacts", OfferAsync, ListLimits),
        pages.PostFiles(Choice, FollowAsync, ChoiceLimits),
        .. ContactFormat.All.Select(format =>
            // It may be long.
            pages.GetOwn($"/settings/contacts/following.{format.Extension}", (_, person, _) => new(Download(person, format))) with { Rate = RateClass.Write }),
    ];

    private async ValueTask<NodeResponse> OfferAsync(Visit visit, Profile person, PostedFiles files, CancellationToken cancellationToken)
    {
        var list = default(Outcome<ContactList>);
        while (list is null && await files.NextAsync(cancellationToken).ConfigureAwait(false) is { } file)
            list = file.Content is { } content ? ContactFile.Read(content) : ContactFile.TooLarge;
        list ??= ContactFile.Read(Encoding.UTF8.GetBytes(visit.Form["list"]));
        if (!list.IsDone(out var read, out var problem))
        {
            var page = new ContactsPage { Typed = NoticeText.IsStorable(visit.Form["list"]) ? visit.Form["list"] : "", Problem = problem };
            return visit.Page(page, list == ContactFile.TooLarge ? 413 : 400);
        }

        var contacts = desk.Arrange(read.Contacts);
        var message = read.LeftOut == 0 ? "" : $"{Count(read.LeftOut, "entry", "entries")} of the list had no address that could be read.";
        return await ShowAsync(visit, person, contacts, new ContactOfferPage { Found = [], Total = contacts.Count, Shown = 0, Message = message }, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NodeResponse> FollowAsync(Visit visit, Profile person, PostedFiles files, CancellationToken cancellationToken)
    {
        if (await files.NextAsync(cancellationToken).ConfigureAwait(false) is not null)
            return visit.Message(413, "Nothing changed", "No files go with this form.");
        var chosen = visit.Form["people"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(ContactDesk.AtOnce)
            .Where(nickname => nickname.All(char.IsAsciiLetterOrDigit) && visit.Form.Has($"follow-{nickname}"));
        var done = await desk.FollowAsync(person, chosen, cancellationToken).ConfigureAwait(false);
        var rest = visit.Form["rest"] is { Length: > 0 } text ? ContactDesk.Read(text) : [];
        var shown = (int)Math.Min(Visit.Number(visit.Form["shown"]), ContactFile.MaxContacts);
        var page = new ContactOfferPage { Found = [], Total = shown + rest.Count, Shown = shown, Message = Say(done), Problems = done.Problems };
        return await ShowAsync(visit, person, rest, page, cancellationToken).ConfigureAwait(false);
    }

    // The next part of what is left.
    private async ValueTask<NodeResponse> ShowAsync(
        Visit visit, Profile person, IReadOnlyList<Contact> contacts, ContactOfferPage page, CancellationToken cancellationToken)
    {
        var part = contacts.Take(ContactDesk.AtOnce).ToList();
        return visit.Page(page with
        {
            Found = await desk.LookUpAsync(person, part, cancellationToken).ConfigureAwait(false),
            Shown = page.Shown + part.Count,
            Rest = contacts.Count > part.Count ? ContactDesk.Write(contacts.Skip(part.Count)) : "",
        });
    }

    private NodeResponse Download(Profile person, ContactFormat format) =>
        new NodeResponse(200, new NodeBody.Streamed(format.MediaType, (stream, ct) => export.WriteAsync(person, format, stream, ct)))
            .With("Content-Disposition", $"attachment; filename=\"{person.Nickname}-following.{format.Extension}\"")
            .With("Cache-Control", "no-store");

    private static string Say(FollowedContacts done)
    {
        var said = new List<string>();
        if (done.Followed > 0)
            said.Add($"You follow {Count(done.Followed, "person", "people")} more now.");
        if (done.Asked > 0)
            said.Add($"{Count(done.Asked, "person has", "people have")} been asked, and will appear among those you follow after approving you.");
        return said.Count == 0 ? "Nobody more is followed." : string.Join(' ', said);
    }

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
