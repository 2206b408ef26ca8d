using Microblog.Applications;
using Microblog.Archive;
using Microblog.Http;
using Microblog.Media;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Opting in, and editing the own profile.</summary>
internal sealed class SettingsRoutes(
    PageRoutes pages, MicroblogNode node, NodeAddresses addresses, IOptions<MicroblogOptions> options, AccountArchive archive,
    IEnumerable<ClientAccess> rooms) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/join", JoinPageAsync) with { Access = RouteAccess.Person },
        pages.PostSigned("/join", JoinAsync),
        pages.GetOwn("/settings", (visit, person, _) => new(visit.Page(Page(person) with { IsSaved = visit.Query.Has("saved") }))),
        pages.PostFiles("/settings", SaveAsync, new FormLimits(PageRoutes.SmallForm, 1, Avatar.MaxBytes)),
        // It may be long.
        pages.GetOwn("/settings/archive", (_, person, _) => new(Download(person))) with { Rate = RateClass.Write },
    ];

    private SettingsPage Page(Profile profile) => new() { Profile = profile, Access = rooms.FirstOrDefault() };

    private ValueTask<NodeResponse> JoinPageAsync(Visit visit, CancellationToken cancellationToken) => visit.Frame.Viewer is { Profile: null } viewer
        ? ShowJoinAsync(visit, Nickname.Suggest(viewer.User.SuggestedNickname), visit.Query["invitation"], "", cancellationToken)
        : new(visit.To("/home"));

    // An invitation that does not work is left out of the form, so that whoever may join without one can go on.
    private async ValueTask<NodeResponse> ShowJoinAsync(Visit visit, string nickname, string secret, string problem, CancellationToken cancellationToken)
    {
        var (inviter, objection) = secret.Length == 0 ? default : await FindInviterAsync(secret, cancellationToken).ConfigureAwait(false);
        if (inviter is null && IsInvitationNeeded(visit))
            return visit.Message(403, "By invitation", $"{objection} People join here by invitation: ask somebody who is here for one.".TrimStart());
        if (problem.Length == 0)
            problem = objection ?? "";
        var page = new JoinPage
        {
            Nickname = nickname,
            License = options.Value.License!.Url,
            Host = addresses.Host,
            Invitation = inviter is null ? "" : secret,
            Inviter = inviter,
            Problem = problem,
        };
        return visit.Page(page, problem.Length == 0 ? 200 : 400);
    }

    private async ValueTask<(Profile? Inviter, string? Problem)> FindInviterAsync(string secret, CancellationToken cancellationToken)
    {
        var found = await node.FindInvitationAsync(secret, cancellationToken).ConfigureAwait(false);
        return found.IsDone(out var invitation, out var problem)
            ? (await node.FindProfileAsync(invitation.Inviter, cancellationToken).ConfigureAwait(false), null)
            : (null, problem);
    }

    private bool IsInvitationNeeded(Visit visit) => options.Value.JoinOnlyByInvitation && visit.Frame.Viewer is not { IsOperator: true };

    private NodeResponse Download(Profile person) =>
        new NodeResponse(200, new NodeBody.Streamed("application/zip", async (stream, ct) => await archive.ExportAsync(person, stream, null, ct).ConfigureAwait(false)))
            .With("Content-Disposition", $"attachment; filename=\"{person.Nickname}.zip\"")
            .With("Cache-Control", "no-store");

    private async ValueTask<NodeResponse> JoinAsync(Visit visit, CancellationToken cancellationToken)
    {
        var (subject, nickname, secret) = (visit.Frame.Viewer!.User.Subject, visit.Form["nickname"], visit.Form["invitation"]);
        if (secret.Length == 0 && IsInvitationNeeded(visit))
            return await ShowJoinAsync(visit, nickname, "", "", cancellationToken).ConfigureAwait(false);
        var result = secret.Length == 0
            ? await node.JoinAsync(subject, nickname, cancellationToken).ConfigureAwait(false)
            : await node.JoinAsync(subject, nickname, secret, cancellationToken).ConfigureAwait(false);
        return result.IsDone(out _, out var problem)
            ? visit.To("/home")
            : await ShowJoinAsync(visit, nickname, secret, problem, cancellationToken).ConfigureAwait(false);
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

        NodeResponse Refuse(string reason, int status = 400) => visit.Page(Page(typed) with { Problem = reason }, status);
    }
}
