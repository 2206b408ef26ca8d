using System.Text;

namespace Microblog.House.Tests;

/// <summary>docs/conformance.md says of every clause which tests prove it; CI passes only if they all do.</summary>
public sealed class ConformanceTests
{
    private static readonly string Tests = Path.Combine(Rooms.Root.FullName, "tests");

    [Fact]
    public void Every_clause_that_a_test_cites_exists()
    {
        var known = Clauses().Select(clause => clause.Id).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(known);
        Assert.Empty(Citations.Of("Clause").Keys.Except(known));
    }

    [Fact]
    public void The_conformance_page_is_what_clauses_and_tests_say()
    {
        var path = Path.Combine(Rooms.Root.FullName, "docs", "conformance.md");
        var page = Page();
        if (Environment.GetEnvironmentVariable("MICROBLOG_ACCEPT") == "1")
            File.WriteAllText(path, page);
        Assert.Equal(File.ReadAllText(path), page);
    }

    private static string Page()
    {
        var citations = Citations.Of("Clause");
        var clauses = Clauses();
        var proven = clauses.Count(clause => citations.ContainsKey(clause.Id));
        var page = new StringBuilder()
            .Append("# Conformance\n\n")
            .Append("Made from `tests/clauses.md` and the tests that cite them; `tests/run` fails when it is stale. ")
            .Append(FormattableString.Invariant($"{proven} of {clauses.Count} clauses are proved by tests.\n"))
            .Append("What [the conformance kit](conformance-kit.md), which tests any service over sockets, says of this node: [its result](conformance-kit-result.md).\n")
            .Append('\n').Append(Legend())
            .Append(File.ReadAllText(Path.Combine(Tests, "Microblog.House.Tests", "deviations.md")));
        foreach (var group in clauses.GroupBy(clause => clause.Group))
        {
            page.Append("\n## ").Append(group.Key).Append("\n\n| clause | | what it asks | proved by |\n|---|---|---|---|\n");
            foreach (var clause in group)
            {
                var proofs = citations.TryGetValue(clause.Id, out var found) ? Citations.Cell(found) : "**nothing yet**";
                page.Append("| ").Append(clause.Id).Append(" | ").Append(clause.Level).Append(" | ").Append(clause.Text.Replace("|", "\\|", StringComparison.Ordinal))
                    .Append(" | ").Append(proofs).Append(" |\n");
            }
        }

        return page.ToString();
    }

    // The quoted lines at the head of the list.
    private static string Legend() => string.Concat(
        File.ReadLines(Path.Combine(Tests, "clauses.md")).Where(line => line.StartsWith("> ", StringComparison.Ordinal)).Select(line => line[2..] + "\n"));

    private static List<Clause> Clauses()
    {
        var clauses = new List<Clause>();
        var group = "";
        foreach (var line in File.ReadLines(Path.Combine(Tests, "clauses.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                group = line[3..];
            else if (line.Split(" | ", 3) is [var id, var level, var text])
                clauses.Add(new Clause(group, id, level, text));
        }

        return clauses;
    }

    private sealed record Clause(string Group, string Id, string Level, string Text);
}
