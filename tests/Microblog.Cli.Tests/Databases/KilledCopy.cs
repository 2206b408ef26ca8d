using System.Globalization;

namespace Microblog.Cli.Tests.Databases;

/// <summary>The tool, killed two tenths after it began or went on.</summary>
internal static class KilledCopy
{
    /// <summary>It tells of every tenth, and is in the middle of the next one when it dies.</summary>
    /// <returns>Whether it came to its end.</returns>
    public static async Task<bool> RunOrKillAsync(string source, string target)
    {
        using var process = Tool.Start(null, "database", "copy", "--from", source, "--to", target);
        var errors = process.StandardError.ReadToEndAsync();
        var isKilled = false;
        var first = -1;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            if (words is not [_, "of", _, "rows"])
                continue;
            var tenth = (int)(long.Parse(words[0], CultureInfo.InvariantCulture) * 10 / long.Parse(words[2], CultureInfo.InvariantCulture));
            first = first < 0 ? tenth : first;
            // Not near the end, which it may have reached before the signal reaches it.
            if (tenth < first + 2 || tenth >= 6)
                continue;
            process.Kill();
            isKilled = true;
            break;
        }

        await process.WaitForExitAsync();
        Assert.Equal("", await errors);
        // On a busy machine it may have been at its end already.
        Assert.True(isKilled || process.ExitCode == 0);
        return process.ExitCode == 0;
    }
}
