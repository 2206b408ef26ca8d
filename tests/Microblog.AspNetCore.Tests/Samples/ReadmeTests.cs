using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Microblog.AspNetCore.Tests.Samples;

public sealed partial class ReadmeTests
{
    [ToolFact("bash", "curl")]
    public async Task The_commands_of_the_readme_do_what_they_say()
    {
        await using var node = await SampleProcess.StartAsync("Node", _ => []);
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "Node.README.md"));
        var helpers = readme.Split("```sh\n")[1].Split("```")[0].Replace("http://localhost:5000", node.Client.BaseAddress!.OriginalString.TrimEnd('/'), StringComparison.Ordinal);
        var commands = Row().Matches(readme).Select(m => m.Groups[1].Value.Replace("\\|", "|", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count > 15, "The table has moved.");

        var start = new ProcessStartInfo("bash", ["-c", helpers + string.Join('\n', commands)])
        {
            WorkingDirectory = node.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync();
        var lines = (await shell.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("", await errors);
        Assert.Equal("Healthy", lines[^1]);
        Assert.Equal(commands.Sum(c => c.Split("submit ").Length - 1), lines.Length - 1);
        Assert.All(lines[..^1], line => Assert.Matches("^30[23] http", line));
        Assert.Contains("@alice</a> Me too", await File.ReadAllTextAsync(Path.Combine(node.Directory, "mentions.html")), StringComparison.Ordinal);
        Assert.Contains("Me too", await File.ReadAllTextAsync(Path.Combine(node.Directory, "conversation.html")), StringComparison.Ordinal);
        Assert.Contains("Hello", await File.ReadAllTextAsync(Path.Combine(node.Directory, "tag.html")), StringComparison.Ordinal);
        Assert.DoesNotContain("Hush", await File.ReadAllTextAsync(Path.Combine(node.Directory, "public.html")), StringComparison.Ordinal);
        Assert.Contains("Delivery queue", await File.ReadAllTextAsync(Path.Combine(node.Directory, "queue.html")), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| [^|]+ \| `(.+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
