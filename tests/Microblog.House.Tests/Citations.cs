using System.Text.RegularExpressions;

namespace Microblog.House.Tests;

/// <summary>Which tests cite what, read from their source: <c>[Trait("Clause", "OMB-33")]</c>, <c>[Trait("Quirk", "Q12")]</c>.</summary>
internal static partial class Citations
{
    private static readonly string Tests = Path.Combine(Rooms.Root.FullName, "tests");

    /// <summary>The names of the citing tests by what they cite, both in order.</summary>
    public static SortedDictionary<string, SortedSet<string>> Of(string trait)
    {
        var citations = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Tests, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            foreach (Match test in CitingTest().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
            {
                foreach (var (_, id) in test.Groups["trait"].Captures.Zip(test.Groups["id"].Captures).Where(pair => pair.First.Value == trait))
                {
                    if (!citations.TryGetValue(id.Value, out var names))
                        citations[id.Value] = names = new SortedSet<string>(StringComparer.Ordinal);
                    names.Add(test.Groups["name"].Value);
                }
            }
        }

        return citations;
    }

    /// <summary>The cell of a table that names these tests, as the sentences they are.</summary>
    public static string Cell(IEnumerable<string> tests) => string.Join("<br>", tests.Select(name => name.Replace('_', ' ')));

    // The attributes of one method, in any order, of which some cite; then its name.
    [GeneratedRegex("""(?:^ *\[(?:Trait\("(?<trait>\w+)", "(?<id>[A-Z]+-?\d+)"\)|[^\n]*)\] *\n)+ *public (?:async )?(?:Task|void|ValueTask)(?:<[^>]*>)? (?<name>\w+)""", RegexOptions.Multiline)]
    private static partial Regex CitingTest();
}
