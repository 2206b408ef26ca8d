using System.Text;
using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Text;

namespace Microblog.Pages;

/// <summary>How the node does, and whom it refused: for operators.</summary>
internal sealed class OperatorRoutes(PageRoutes pages, NodeCheckup checkup, RefusalLog refusals, NodeAddresses addresses) : INodeRoutes
{
    /// <summary>Where the checks are, below the node's base.</summary>
    public const string ChecksPath = "/operator/checks";

    /// <summary>The first line of the checks as text, for the doctor.</summary>
    public const string TextSignature = "microblog-checks 1";

    private const int Listed = 100;

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get(ChecksPath, CheckAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/refusals", ListAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/refusals/{reference}", ShowAsync) with { Access = RouteAccess.Operator },
    ];

    private async ValueTask<NodeResponse> CheckAsync(Visit visit, CancellationToken cancellationToken)
    {
        var arrival = new CheckResult("base URI, as this page was asked for", ArrivalAdvice.Judge(visit.Request, addresses), TimeSpan.Zero);
        IReadOnlyList<CheckResult> results = [arrival, .. await checkup.RunAsync(cancellationToken).ConfigureAwait(false)];
        return visit.Request.Header("Accept") == "text/plain"
            ? NodeResponse.Text(200, ToText(results)).With("Cache-Control", "no-store")
            : visit.Page(new ChecksPage { Results = results });
    }

    private ValueTask<NodeResponse> ListAsync(Visit visit, CancellationToken cancellationToken)
    {
        var wanted = visit.Query["reference"].Trim();
        return new(wanted.Length > 0 && refusals.Find(wanted) is not null
            ? visit.To("/operator/refusals/" + wanted)
            : visit.Page(new RefusalsPage { Newest = refusals.Newest(Listed), Missing = wanted }));
    }

    private ValueTask<NodeResponse> ShowAsync(Visit visit, CancellationToken cancellationToken)
    {
        var wanted = visit.Request.Route("reference");
        return new(refusals.Find(wanted) is { } found
            ? visit.Page(new RefusalPage(found))
            : visit.Page(new RefusalsPage { Newest = refusals.Newest(Listed), Missing = wanted }, 404));
    }

    private static string ToText(IReadOnlyList<CheckResult> results)
    {
        var text = new StringBuilder(TextSignature).Append('\n');
        foreach (var result in results)
            text.Append(result.Finding.Severity).Append('\t').Append(OneLine.Of(result.Name)).Append('\t').Append(OneLine.Of(result.Finding.Message)).Append('\n');
        return text.ToString();
    }
}
