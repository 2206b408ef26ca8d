using System.Text;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;

namespace Microblog.Conformance.Tests;

/// <summary>docs/conformance-kit-result.md is what the kit says of our own node; to accept a change, run with MICROBLOG_ACCEPT=1.</summary>
public sealed class OwnNodeTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "conformance-kit-result.md");

    [Fact]
    public async Task Our_own_node_holds_every_clause_that_can_be_seen_from_outside_in_both_directions()
    {
        await using var own = await OwnNode.StartAsync();
        var report = await ConformanceKit.RunAsync(own.Options(isHostile: true));
        Assert.Equal("", report.Problem);
        Assert.Equal("", OneFault.Failures(report));
        Assert.Equal("", string.Join('\n', report.Results.Where(r => r.Verdict == Verdict.NotReached).Select(FailureText.Line)));
        Assert.Equal(0, report.ExitCode);

        var result = Table(report);
        if (Environment.GetEnvironmentVariable("MICROBLOG_ACCEPT") == "1")
            await File.WriteAllTextAsync(Page, result);
        Assert.Equal(await File.ReadAllTextAsync(Page), result);
    }

    private static string Table(ConformanceReport report)
    {
        var page = new StringBuilder()
            .Append("# What the conformance kit says of this node\n\n")
            .Append("Made by a test from a run of [the kit](conformance-kit.md) against our own node, over sockets, in both directions, hostile\n")
            .Append("requests included; the test fails when this page is stale. The clauses' texts are in [conformance](conformance.md).\n\n")
            .Append("| | holds | failed | not reached | not observable |\n|---|---|---|---|---|\n");
        foreach (var level in Enum.GetValues<ClauseLevel>())
            page.Append("| ").Append(level.ToString().ToUpperInvariant()).Append(" | ").AppendJoin(" | ", Enum.GetValues<Verdict>().Select(v => report.Count(level, v))).Append(" |\n");
        foreach (var group in report.Results.GroupBy(r => r.Clause.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            page.Append("\n## ").Append(group.Key).Append("\n\n| clause | | result |\n|---|---|---|\n");
            foreach (var result in group.OrderBy(r => Number(r.Clause.Id)))
                page.Append("| ").Append(result.Title).Append(" | ").Append(result.Level.ToString().ToUpperInvariant()).Append(" | ")
                    .Append(result.Verdict == Verdict.Holds ? "holds" : "not observable: " + result.Reason).Append(" |\n");
        }

        return page.ToString();
    }

    private static int Number(string id) => int.Parse(id.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
}
