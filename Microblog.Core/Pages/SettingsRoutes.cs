using Microblog.Archive;
using Microblog.Http;
using Microblog.Media;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Opting in, and editing the own profile.</summary>
internal sealed class SettingsRoutes(
    PageRoutes pages, MicroblogNode node, NodeAddresses addresses, IOptions<MicroblogOptions> options, AccountArchive archive) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/join", (visit, _) => new(JoinPage(visit))) with { Access = RouteAccess.Person },
        pages.PostSigned("/join", JoinAsync),
        pages.GetOwn("/settings", (visit, person, _) => new(visit.Page(new SettingsPage { Profile = person, IsSaved = visit.Query.Has("saved") }))),
        pages.PostFiles("/settings", SaveAsync, new FormLimits(PageRoutes.SmallForm, 1, Avatar.MaxBytes)),
        // It may be long.
        pages.GetOwn("/settings/archive", (_, person, _) => new(Download(person))) with { Rate = RateClass.Write },
    ];

    private NodeResponse JoinPage(Visit visit) => visit.Frame.Viewer is { Profile: null } viewer
        ? visit.Page(Join(Nickname.Suggest(viewer.User.SuggestedNickname)))
        : visit.To("/home");

    private JoinPage Join(string nickname) => new() { Nickname = nickname, License = options.Value.License!.Url, Host = addresses.Host };

    private NodeResponse Download(Profile person) =>
        new NodeResponse(200, new NodeBody.Streamed("application/zip", async (stream, ct) => await archive.ExportAsync(person, stream, null, ct).ConfigureAwait(false)))
            .With("Content-Disposition", $"attachment; filename=\"{person.Nickname}.zip\"")
            .With("Cache-Control", "no-store");

    private async ValueTask<NodeResponse> JoinAsync(Visit visit, CancellationToken cancellationToken)
    {
        var nickname = visit.Form["nickname"];
        var result = await node.JoinAsync(visit.Frame.Viewer!.User.Subject, nickname, cancellationToken).ConfigureAwait(false);
        return result.IsDone(out _, out var problem)
            ? visit.To("/home")
            : visit.Page(Join(nickname) with { Problem = problem }, 400);
    }

    private async ValueTask<NodeResponse> SaveAsync(Visit visit, Profile person, PostedFiles files, CancellationToken cancellationToken)
    {
        // What stands behind a file that is too large cannot be read any more; the picture is the last field of the page.
        ReadOnlyMemory<byte>? picture = null;
        var isTooLarge = false;
        while (!isTooLarge && await files.NextAsync(cancellationToken).ConfigureAwait(false) is { } file)
            (picture, isTooLarge) = (file.Content, file.Content is null);
        var license = visit.Form["license"].Trim();
        var typed = person with
        {
            FullName = visit.Form["fullname"].Trim(),
            Bio = visit.Lines("bio").Trim(),
            Location = visit.Form["location"].Trim(),
            Homepage = visit.Form["homepage"].Trim(),
            License = license.Length == 0 ? person.License : license,
            ApprovesFollowers = visit.Form.Has("approves_followers"),
        };
        if (isTooLarge)
            return Refuse(Avatar.TooLarge, 413);
        if (!WebAddress.IsValid(typed.License) || typed.License.Length > 255)
            return Refuse("The licence is not an http(s) address of at most 255 characters.");
        var result = await node.UpdateProfileAsync(
            person.Id,
            new ProfileChanges
            {
                FullName = typed.FullName,
                Bio = typed.Bio,
                Location = typed.Location,
                Homepage = typed.Homepage,
                Picture = picture,
                AvatarUrl = visit.Form.Has("remove_picture") ? "" : null,
                License = new License(typed.License),
                ApprovesFollowers = typed.ApprovesFollowers,
            },
            cancellationToken).ConfigureAwait(false);
        return result.IsDone(out _, out var problem) ? visit.To("/settings?saved=1") : Refuse(problem);

        NodeResponse Refuse(string reason, int status = 400) => visit.Page(new SettingsPage { Profile = typed, Problem = reason }, status);
    }
}
