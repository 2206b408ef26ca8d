using Microblog.Http;
using Microblog.Moderation;
using Microblog.Policies;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>With whom the node federates, what operators did, and what policies would do: for operators.</summary>
internal sealed class DomainRoutes(
    PageRoutes pages, MicroblogNode node, NodeModeration moderation, PolicyDryRun dryRun, IEnumerable<INoticePolicy> policies) : INodeRoutes
{
    private const int Count = 100;
    private const int MostAsked = 10_000;

    private readonly IReadOnlyList<INoticePolicy> policies = [.. policies];

    public IEnumerable<NodeRoute> Routes =>
    [
        pages.Get("/operator/domains", ListAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/domains", SetAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/domains/forget", ForgetAsync) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/federation", SetModeAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/audit", AuditAsync) with { Access = RouteAccess.Operator },
        pages.Get("/operator/policies", (visit, _) => new(visit.Page(Policies(null)))) with { Access = RouteAccess.Operator },
        pages.PostSigned("/operator/policies", TryPoliciesAsync) with { Access = RouteAccess.Operator },
    ];

    private async ValueTask<NodeResponse> ListAsync(Visit visit, CancellationToken cancellationToken) =>
        visit.Page(await ReadAsync(visit, cancellationToken).ConfigureAwait(false));

    private Task<DomainsPage> ReadAsync(Visit visit, CancellationToken cancellationToken) => node.ReadAsync(
        async (session, ct) =>
        {
            var after = DomainRule.TryParseDomain(visit.Query["after"], out var domain) ? domain : "";
            var rules = await session.Moderation.ListDomainsAsync(after, Count, ct).ConfigureAwait(false);
            return new DomainsPage
            {
                Mode = (await session.Moderation.FindFederationAsync(ct).ConfigureAwait(false)).Mode,
                Rules = rules,
                Next = rules.Count == Count ? rules[^1].Domain : "",
            };
        },
        cancellationToken);

    private async ValueTask<NodeResponse> SetAsync(Visit visit, CancellationToken cancellationToken)
    {
        if (Reason(visit, out var reason) is { } problem)
            return problem;
        if (Operators.StandingOf(visit.Form["standing"]) is not { } standing)
            return visit.Message(400, "Nothing changed", "Choose how the domain is to be treated.");
        var result = await moderation.SetDomainAsync(Operators.NameOf(visit), visit.Form["domain"], standing, reason, cancellationToken).ConfigureAwait(false);
        return result.IsDone(out _, out var objection)
            ? visit.To("/operator/domains")
            : visit.Page(await ReadAsync(visit, cancellationToken).ConfigureAwait(false) with { Problem = objection }, 400);
    }

    private async ValueTask<NodeResponse> ForgetAsync(Visit visit, CancellationToken cancellationToken)
    {
        if (Reason(visit, out var reason) is { } problem)
            return problem;
        return await moderation.ForgetDomainAsync(Operators.NameOf(visit), visit.Form["domain"], reason, cancellationToken).ConfigureAwait(false)
            ? visit.To("/operator/domains")
            : visit.Message(404, "Nothing changed", "There is no rule for this domain.");
    }

    private async ValueTask<NodeResponse> SetModeAsync(Visit visit, CancellationToken cancellationToken)
    {
        if (Reason(visit, out var reason) is { } problem)
            return problem;
        FederationMode? mode = visit.Form["mode"] switch
        {
            "open" => FederationMode.Open,
            "list" => FederationMode.AllowList,
            _ => null,
        };
        if (mode is not { } wanted)
            return visit.Message(400, "Nothing changed", "Choose with whom this site exchanges notices.");
        await moderation.SetModeAsync(Operators.NameOf(visit), wanted, reason, cancellationToken).ConfigureAwait(false);
        return visit.To("/operator/domains");
    }

    private async ValueTask<NodeResponse> AuditAsync(Visit visit, CancellationToken cancellationToken)
    {
        var before = Visit.Number(visit.Query["before"]);
        var entries = await node.ReadAsync(
            (session, ct) => session.Moderation.ListAuditAsync(before == 0 ? null : before, Count, ct), cancellationToken).ConfigureAwait(false);
        return visit.Page(new AuditPage { Entries = entries, Next = entries.Count == Count ? entries[^1].Number : 0 });
    }

    private PoliciesPage Policies(DryRunReport? report) => new() { Policies = [.. policies.Select(policy => policy.GetType().Name)], Report = report };

    private async ValueTask<NodeResponse> TryPoliciesAsync(Visit visit, CancellationToken cancellationToken)
    {
        var last = (int)Math.Clamp(Visit.Number(visit.Form["last"]), 1, MostAsked);
        return visit.Page(Policies(await dryRun.RunAsync(policies, last, null, cancellationToken).ConfigureAwait(false)));
    }

    private static NodeResponse? Reason(Visit visit, out string reason)
    {
        reason = visit.Lines("reason").Trim();
        return NodeModeration.ObjectTo(reason) is { } problem ? visit.Message(400, "Nothing changed", problem) : null;
    }
}
