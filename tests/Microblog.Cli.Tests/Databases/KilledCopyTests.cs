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
        while (!await KilledCopy.RunOrKillAsync(source.Name, target.Name))
        {
            kills++;
            var (code, output) = await Tool.RunAsync("database", "check", "--database", target.Name);
            Assert.Equal(1, code);
            Assert.Contains("A copy into it was interrupted", output, StringComparison.Ordinal);
        }

        // Mostly two; on a busy machine the first one dies far behind the line that was read.
        Assert.True(kills >= 1, "it was not killed");
        Assert.Equal(source.Dump(), target.Dump());
        Assert.Equal("ok", target.Ask<string>("PRAGMA integrity_check"));
    }
}
