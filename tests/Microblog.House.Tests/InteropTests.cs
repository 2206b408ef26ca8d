using System.Text;

namespace Microblog.House.Tests;

/// <summary>docs/interop.md says of every habit of other implementations how far we serve it, and which tests prove it.</summary>
public sealed class InteropTests
{
    private static readonly string Source = Path.Combine(Rooms.Root.FullName, "tests", "quirks.md");

    [Fact]
    public void Every_quirk_that_is_served_has_a_test()
    {
        var quirks = Quirks();
        Assert.NotEmpty(quirks);
        Assert.Empty(quirks.Where(quirk => quirk.IsServed).Select(quirk => quirk.Id).Except(Citations.Of("Quirk").Keys));
    }

    [Fact]
    public void Every_quirk_that_a_test_cites_exists_and_is_served() =>
        Assert.Empty(Citations.Of("Quirk").Keys.Except(Quirks().Where(quirk => quirk.IsServed).Select(quirk => quirk.Id)));

    [Fact]
    public void Every_line_says_how_far_we_serve_it() =>
        Assert.All(File.ReadLines(Source).Where(line => line.StartsWith('Q')), line =>
            Assert.True(line.Split(" | ") is [_, "served" or "in part" or "nothing to do", { Length: > 0 }, { Length: > 0 }, { Length: > 0 }], line));

    [Fact]
    public void No_quirk_is_listed_twice() => Assert.Distinct(Quirks().Select(quirk => quirk.Id));

    [Fact]
    public void The_interop_page_is_what_quirks_and_tests_say()
    {
        var path = Path.Combine(Rooms.Root.FullName, "docs", "interop.md");
        var page = Page();
        if (Environment.GetEnvironmentVariable("MICROBLOG_ACCEPT") == "1")
            File.WriteAllText(path, page);
        Assert.Equal(File.ReadAllText(path), page);
    }

    private static string Page()
    {
        var citations = Citations.Of("Quirk");
        var quirks = Quirks();
        var page = new StringBuilder()
            .Append("# Other implementations\n\n")
            .Append("OpenMicroBlogging was spoken by StatusNet 0.9 to 1.0, Laconica 0.4 to 0.8, OpenMicroBlogger 0.5, the WordPress plug-in mnw,\n")
            .Append("django-omb, NoseRub, the bridge tw2omb (Ruby) and Net::OpenMicroBlogging (Perl), each with habits of its own. We take from each\n")
            .Append("what it sends, and send what the strictest of them takes.\n\n")
            .Append(FormattableString.Invariant($"Of {quirks.Count} habits, {quirks.Count(q => q.Status == "served")} are served, {quirks.Count(q => q.Status == "in part")} in part, and "))
            .Append(FormattableString.Invariant($"{quirks.Count(q => !q.IsServed)} ask nothing of us.\n"))
            .Append("Made from `tests/quirks.md` and the tests that cite them; `tests/run` fails when it is stale.\n");
        foreach (var group in quirks.GroupBy(quirk => quirk.Group))
        {
            page.Append("\n## ").Append(group.Key).Append("\n\n| | who | what they do | | what we do | proved by |\n|---|---|---|---|---|---|\n");
            foreach (var quirk in group)
            {
                var proofs = citations.TryGetValue(quirk.Id, out var found) ? Citations.Cell(found) : "";
                page.AppendJoin(" | ", $"| {quirk.Id}", quirk.Who, quirk.Habit, quirk.Status, quirk.Answer, proofs).Append(" |\n");
            }
        }

        return page.ToString();
    }

    private static List<Quirk> Quirks()
    {
        var quirks = new List<Quirk>();
        var group = "";
        foreach (var line in File.ReadLines(Source))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                group = line[3..];
            else if (line.Split(" | ") is [var id, var status, var who, var habit, var answer])
                quirks.Add(new Quirk(group, id, status, who, habit, answer));
        }

        return quirks;
    }

    private sealed record Quirk(string Group, string Id, string Status, string Who, string Habit, string Answer)
    {
        public bool IsServed => Status is "served" or "in part";
    }
}
