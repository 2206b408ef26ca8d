using System.Text.RegularExpressions;

namespace Microblog.Hosts.Tests;

public sealed partial class DocumentationTests
{
    [Fact]
    public void The_transactions_of_the_embedding_page_are_the_ones_that_are_tested()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Microblog.sln")))
            root = Path.GetDirectoryName(root)!;
        var tested = Lines(File.ReadAllText(Path.Combine(root, "tests", "Microblog.Hosts.Tests", "HostTransactionTests.cs")));
        var page = File.ReadAllText(Path.Combine(root, "docs", "embedding.md"));
        var blocks = CSharp().Matches(page).Select(match => Lines(match.Groups[1].Value)).Where(block => block.Contains("transaction", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(block, tested, StringComparison.Ordinal));
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
