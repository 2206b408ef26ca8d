using System.Globalization;

namespace Microblog.Cli.Tests.Databases;

/// <summary>The tool is killed while it copies, and given the same command again.</summary>
public sealed class KilledCopyTests : IDisposable
{
    private readonly NodeFile source = new();
    private readonly NodeFile target = new();

    public void Dispose()
    {
        source.Dispose();
        target.Dispose();
    }

    [Fact]
    public async Task A_copy_that_is_killed_again_and_again_ends_with_every_row_once()
    {
        await source.FillAsync(rows: 12_000);
        var kills = 0;
        while (!await RunOrKillAsync())
        {
            kills++;
            var (code, output) = await Tool.RunAsync("database", "check", "--database", target.Name);
            Assert.Equal(1, code);
            Assert.Contains("A copy into it was interrupted", output, StringComparison.Ordinal);
        }

        Assert.True(kills >= 3, $"only {kills} kills");
        Assert.Equal(source.Dump(), target.Dump());
        Assert.Equal("ok", target.Ask<string>("PRAGMA integrity_check"));
    }

    // It tells of every tenth, and is in the middle of the next one when it dies.
    private async Task<bool> RunOrKillAsync()
    {
        using var process = Tool.Start(null, "database", "copy", "--from", source.Name, "--to", target.Name);
        var errors = process.StandardError.ReadToEndAsync();
        var first = -1;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            if (words is not [_, "of", _, "rows"])
                continue;
            var tenth = (int)(long.Parse(words[0], CultureInfo.InvariantCulture) * 10 / long.Parse(words[2], CultureInfo.InvariantCulture));
            first = first < 0 ? tenth : first;
            if (tenth < first + 2 || tenth >= 9)
                continue;
            process.Kill();
            break;
        }

        await process.WaitForExitAsync();
        Assert.Equal("", await errors);
        return process.ExitCode == 0;
    }
}
