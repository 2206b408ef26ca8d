using Microblog.Applications;
using Microblog.Http;

namespace Microblog.Pages;

/// <summary>The pages on which people see whom they let in, register applications, and make passwords. Only where some room lets programs in.</summary>
internal sealed class ApplicationRoutes(
    PageRoutes pages, ApplicationDesk applications, AccessDesk access, PasswordDesk passwords, NodeAddresses addresses, IEnumerable<ClientAccess> rooms) : INodeRoutes
{
    private readonly ClientAccess? room = rooms.FirstOrDefault();

    public IEnumerable<NodeRoute> Routes => room is null ? [] : room.TakesPasswords ? [.. ApplicationPages, .. PasswordPages] : ApplicationPages;

    private NodeRoute[] ApplicationPages =>
    [
        pages.GetOwn("/settings/applications", (visit, person, ct) => ListAsync(visit, person, new ApplicationDetails { Name = "" }, "", ct)),
        pages.Post("/settings/applications", RegisterAsync),
        pages.Post("/settings/applications/revoke", RevokeAsync),
        pages.Post("/settings/applications/change", ChangeAsync),
        pages.Post("/settings/applications/delete", DeleteAsync),
        pages.GetOwn("/settings/applications/{key}", ShowAsync),
    ];

    private NodeRoute[] PasswordPages =>
    [
        pages.GetOwn("/settings/passwords", (visit, person, ct) => PasswordsAsync(visit, person, "", "", ct)),
        pages.Post("/settings/passwords", MakeAsync),
        pages.Post("/settings/passwords/remove", RemoveAsync),
    ];

    private string Root => addresses.At(room!.Root);

    private async ValueTask<NodeResponse> ListAsync(Visit visit, Profile person, ApplicationDetails typed, string problem, CancellationToken cancellationToken)
    {
        var page = new ApplicationsPage
        {
            Grants = await access.ListAsync(person.Id, cancellationToken).ConfigureAwait(false),
            Own = [.. (await applications.ListAsync(person.Id, cancellationToken).ConfigureAwait(false)).Select(own => own.Application)],
            Typed = typed,
            Problem = problem,
        };
        return visit.Page(page, problem.Length > 0 ? 400 : 200);
    }

    private async ValueTask<NodeResponse> RegisterAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var typed = Read(visit.Form);
        return (await applications.RegisterAsync(person.Id, typed, cancellationToken).ConfigureAwait(false)).IsDone(out var registered, out var problem)
            ? visit.To("/settings/applications/" + registered.Application.Key)
            : await ListAsync(visit, person, typed, problem, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await FindOwnAsync(person, visit.Request.Route("key"), cancellationToken).ConfigureAwait(false) is { } own
            ? visit.Page(new ApplicationPage { Application = own, Typed = own.Application.Details, Root = Root, IsSaved = visit.Query.Has("saved") })
            : visit.NotFound();

    private async ValueTask<NodeResponse> ChangeAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        if (await FindOwnAsync(person, visit.Form["key"], cancellationToken).ConfigureAwait(false) is not { Application.Key: var key } own)
            return visit.NotFound();
        var typed = Read(visit.Form);
        return (await applications.ChangeAsync(person.Id, key, typed, cancellationToken).ConfigureAwait(false)).IsDone(out _, out var problem)
            ? visit.To($"/settings/applications/{key}?saved=1")
            : visit.Page(new ApplicationPage { Application = own, Typed = typed, Root = Root, Problem = problem }, 400);
    }

    private async ValueTask<NodeResponse> DeleteAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await applications.DeleteAsync(person.Id, visit.Form["key"], cancellationToken).ConfigureAwait(false)
            ? visit.To("/settings/applications")
            : visit.Message(404, "Nothing changed", "You have no such application.");

    private async ValueTask<NodeResponse> RevokeAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await access.RevokeAsync(person.Id, visit.Form["key"], cancellationToken).ConfigureAwait(false)
            ? visit.To("/settings/applications")
            : visit.Message(404, "Nothing changed", "You have let no such application in.");

    private async ValueTask<NodeResponse> PasswordsAsync(Visit visit, Profile person, string password, string problem, CancellationToken cancellationToken)
    {
        var kept = await passwords.ListAsync(person.Id, cancellationToken).ConfigureAwait(false);
        return visit.Page(new PasswordsPage { Passwords = kept, Root = Root, Password = password, Problem = problem }, problem.Length > 0 ? 400 : 200);
    }

    // The answer shows the password itself: it is kept nowhere that another page could show it from.
    private async ValueTask<NodeResponse> MakeAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        var made = await passwords.MakeAsync(person.Id, visit.Form["name"], cancellationToken).ConfigureAwait(false);
        return await PasswordsAsync(
            visit, person, made.IsDone(out var password, out var problem) ? password.Text : "", problem ?? "", cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<NodeResponse> RemoveAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await passwords.RemoveAsync(person.Id, visit.Form["key"], cancellationToken).ConfigureAwait(false)
            ? visit.To("/settings/passwords")
            : visit.Message(404, "Nothing changed", "You have no such password.");

    private async ValueTask<RegisteredApplication?> FindOwnAsync(Profile person, string key, CancellationToken cancellationToken) =>
        (await applications.ListAsync(person.Id, cancellationToken).ConfigureAwait(false)).FirstOrDefault(own => own.Application.Key == key);

    private static ApplicationDetails Read(NodeForm form) => new()
    {
        Name = form["name"],
        Description = form["description"],
        Homepage = form["homepage"],
        Callback = form["callback"],
        PublicKey = form["public_key"],
        MayWrite = form.Has("write"),
    };
}
