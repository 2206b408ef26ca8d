using Microblog.Http;
using Microblog.Moderation;
using Microblog.People;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Reporting people and notices, and what operators do with the reports and the people.</summary>
internal sealed class ReportRoutes(PageRoutes pages, MicroblogNode node, NodeModeration moderation) : INodeRoutes
{
    private const int Count = 50;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.GetOwn("/report", AskAsync),
        pages.Post("/report", ReportAsync),
        pages.Get("/operator/reports", ListAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/reports/{number}", ShowAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/reports", ActAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/people", FindPersonAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/people", JudgeAsync) with { Access = RouteAccess.Operator },
    ];

    private async ValueTask<NodeResponse> AskAsync(Visit visit, Profile person, CancellationToken cancellationToken) =>
        await FormAsync(visit, visit.Query, cancellationToken).ConfigureAwait(false) is { } form ? visit.Page(form) : visit.NotFound();

    private async ValueTask<NodeResponse> ReportAsync(Visit visit, Profile person, CancellationToken cancellationToken)
    {
        if (await FormAsync(visit, visit.Form, cancellationToken).ConfigureAwait(false) is not { } form)
            return visit.NotFound();
        var text = visit.Lines("text").Trim();
        var result = await moderation.ReportAsync(
            person.Id, form.Person.Id, form.Notice is { } entry ? [entry.Notice.Id] : [], text, cancellationToken).ConfigureAwait(false);
        return result.IsDone(out _, out var problem)
            ? visit.Message(200, "Thank you", "The operators of this site will look at it.")
            : visit.Page(form with { Text = text, Problem = problem }, 400);
    }

    // By a notice that the reporter sees, or by a person whose page they may see.
    private Task<ReportFormPage?> FormAsync(Visit visit, NodeForm fields, CancellationToken cancellationToken) => node.ReadAsync(
        async (session, ct) =>
        {
            var notice = new NoticeId(Visit.Number(fields["notice"]));
            if (!notice.IsNone)
            {
                return await session.Notices.FindAsync(notice, visit.Viewer, ct).ConfigureAwait(false) is { } entry
                    ? new ReportFormPage { Person = entry.Author, Notice = entry }
                    : null;
            }

            var id = new ProfileId(Visit.Number(fields["person"]));
            return await session.Profiles.FindAsync(id, ct).ConfigureAwait(false) is { IsDeleted: false } person
                && await ProfileVisibility.IsKnownToAsync(session, visit.Viewer, person, ct).ConfigureAwait(false)
                ? new ReportFormPage { Person = person }
                : null;
        },
        cancellationToken);

    private async ValueTask<NodeResponse> ListAsync(Visit visit, CancellationToken cancellationToken)
    {
        var areOpen = !visit.Query.Has("closed");
        var before = Visit.Number(visit.Query["before"]);
        return visit.Page(await node.ReadAsync(
            async (session, ct) =>
            {
                var reports = await session.Moderation.ListReportsAsync(areOpen, before == 0 ? null : before, Count, ct).ConfigureAwait(false);
                var entries = new List<(Report, Profile?)>();
                foreach (var report in reports)
                    entries.Add((report, await session.Profiles.FindAsync(report.Reporter, ct).ConfigureAwait(false)));
                return new ReportsPage { AreOpen = areOpen, Reports = entries, Next = reports.Count == Count ? reports[^1].Number : 0 };
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var number = Visit.Number(visit.Request.Route("number"));
        var page = await node.ReadAsync(
            async (session, ct) =>
            {
                if (await session.Moderation.FindReportAsync(number, ct).ConfigureAwait(false) is not { } report)
                    return null;
                var notices = new List<Notice>();
                foreach (var id in report.Notices)
                {
                    if (await session.Archive.FindNoticeAsync(id, ct).ConfigureAwait(false) is { } notice)
                        notices.Add(notice);
                }

                return new ReportPage
                {
                    Report = report,
                    Reporter = await session.Profiles.FindAsync(report.Reporter, ct).ConfigureAwait(false),
                    Standing = await session.Moderation.FindStandingAsync(report.About, ct).ConfigureAwait(false),
                    Notices = notices,
                };
            },
            cancellationToken).ConfigureAwait(false);
        return page is null ? visit.NotFound() : visit.Page(page);
    }

    // What is done goes first: should this process be killed between the two, the report is still open.
    private async ValueTask<NodeResponse> ActAsync(Visit visit, CancellationToken cancellationToken)
    {
        var number = Visit.Number(visit.Form["number"]);
        var note = visit.Lines("note").Trim();
        if (NodeModeration.ObjectTo(note) is { } problem)
            return visit.Message(400, "Nothing changed", problem);
        var report = await node.ReadAsync((session, ct) => session.Moderation.FindReportAsync(number, ct), cancellationToken).ConfigureAwait(false);
        if (report is not { ClosedAt: null })
            return visit.Message(404, "Nothing changed", "There is no such open report.");
        var by = Operators.NameOf(visit);
        switch (visit.Form["action"])
        {
            case "silence":
                await moderation.JudgeAsync(by, report.About, Standing.Silenced, note, cancellationToken).ConfigureAwait(false);
                break;
            case "suspend":
                await moderation.JudgeAsync(by, report.About, Standing.Suspended, note, cancellationToken).ConfigureAwait(false);
                break;
            case "delete":
                foreach (var notice in report.Notices)
                    await moderation.DeleteNoticeAsync(by, notice, note, cancellationToken).ConfigureAwait(false);
                break;
            case "dismiss":
                break;
            default:
                return visit.Message(400, "Nothing changed", "Choose what is to be done.");
        }

        await moderation.CloseReportAsync(by, number, note, cancellationToken).ConfigureAwait(false);
        return visit.To("/operator/reports");
    }

    private async ValueTask<NodeResponse> FindPersonAsync(Visit visit, CancellationToken cancellationToken)
    {
        var typed = visit.Query["person"].Trim();
        if (typed.Length == 0)
            return visit.Page(new StandingPage());
        var local = ProfileUri.TryParse(typed, out var uri) ? null : await node.FindLocalAsync(typed.TrimStart('@'), cancellationToken).ConfigureAwait(false);
        if ((uri ?? local?.Uri) is not { } person)
            return visit.Page(new StandingPage { Problem = "Nobody here has this nickname, and it is not an identifier." }, 404);
        return visit.Page(await node.ReadAsync(
            async (session, ct) => new StandingPage
            {
                Person = person,
                Profile = local ?? await session.Profiles.FindAsync(person, default, ct).ConfigureAwait(false),
                Standing = await session.Moderation.FindStandingAsync(person, ct).ConfigureAwait(false),
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<NodeResponse> JudgeAsync(Visit visit, CancellationToken cancellationToken)
    {
        var reason = visit.Lines("reason").Trim();
        if (NodeModeration.ObjectTo(reason) is { } problem)
            return visit.Message(400, "Nothing changed", problem);
        if (!ProfileUri.TryParse(visit.Form["person"].Trim(), out var person) || Operators.StandingOf(visit.Form["standing"]) is not { } standing)
            return visit.Message(400, "Nothing changed", "Name a person and how they are to be treated.");
        await moderation.JudgeAsync(Operators.NameOf(visit), person, standing, reason, cancellationToken).ConfigureAwait(false);
        return visit.To("/operator/people?person=" + Uri.EscapeDataString(person.Value));
    }
}
