using Microblog.Storage;

namespace Microblog.Cli.Tests.Databases;

/// <summary>The commands on one database, as people give them.</summary>
public sealed class DatabaseCommandTests : IDisposable
{
    private readonly NodeFile file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public async Task Create_makes_a_database_that_a_node_starts_on_and_no_second_one()
    {
        await AssertAsync(0, $"Created {file.Path} (schema version", "create");
        await using (var store = file.CreateStore())
            await store.StartAsync(CancellationToken.None);
        await AssertAsync(2, "There is a node in", "create");
        await AssertAsync(0, "All is well.", "check");
    }

    [Fact]
    public async Task Upgrade_needs_a_node_and_changes_nothing_without_need()
    {
        await AssertAsync(2, "There is no node in", "upgrade");
        Assert.False(File.Exists(file.Path));
        await file.FillAsync(rows: 2);
        var before = file.Dump();
        await AssertAsync(0, "already. Nothing was changed.", "upgrade");
        Assert.Equal(before, file.Dump());
    }

    [Fact]
    public async Task Check_finds_that_there_is_no_node()
    {
        await AssertAsync(1, "There is no node in it.", "check");
        Assert.False(File.Exists(file.Path));
    }

    [Theory]
    [InlineData(1, "older than this tool")]
    [InlineData(99, "newer than this tool")]
    public async Task Check_finds_another_version(int version, string words)
    {
        await file.FillAsync(rows: 1);
        file.Run($"UPDATE microblog_schema SET version = {version}");
        await AssertAsync(1, words, "check");
    }

    [Fact]
    public async Task Check_names_a_number_of_a_person_that_is_wrong()
    {
        await AssertAsync(0, "Created", "create");
        file.Run(KeptCounts.Right("microblog_"));
        await AssertAsync(0, "All is well.", "check");

        foreach (var (column, what) in KeptCounts.Columns)
        {
            file.Run($"UPDATE microblog_profile_count SET {column} = {column} + 1 WHERE profile = 1");
            await AssertAsync(1, $"The profile 1 is kept with 2 {what} and has 1.", "check");
            file.Run($"UPDATE microblog_profile_count SET {column} = {column} - 1 WHERE profile = 1");
        }

        file.Run("DELETE FROM microblog_profile_count");
        await AssertAsync(1, "4 findings.", "check");
    }

    [Fact]
    public async Task Check_finds_damage()
    {
        await file.FillAsync(rows: 200);
        var page = file.Ask<long>("SELECT rootpage FROM sqlite_master WHERE name = 'microblog_home_notice'");
        var end = page * file.Ask<long>("PRAGMA page_size");
        await using (var bytes = File.OpenWrite(file.Path))
        {
            // A page is filled from its end.
            bytes.Position = end - 300;
            bytes.Write(new byte[300]);
        }

        var (code, output) = await Tool.RunAsync("database", "check", "--database", file.Name);
        Assert.Equal(1, code);
        Assert.Contains("finding", output, StringComparison.Ordinal);
        Assert.DoesNotContain("All is well", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_looks_at_a_database_in_use_and_says_so_but_nothing_else_touches_it()
    {
        await using var store = file.CreateStore();
        await store.StartAsync(CancellationToken.None);
        await AssertAsync(0, "A node, or another tool, has it open.", "check");
        await AssertAsync(2, "is in use. Stop the node", "upgrade");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_in_one_line()
    {
        await File.WriteAllTextAsync(file.Path, new string('x', 5000));
        foreach (var command in new[] { "create", "upgrade", "check" })
        {
            var (code, output) = await Tool.RunAsync("database", command, "--database", file.Name);
            Assert.Equal(2, code);
            Assert.Contains(file.Path, output, StringComparison.Ordinal);
            Assert.Single(output.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public async Task The_environment_names_the_database_too()
    {
        var (code, output) = await Tool.RunAsync(new Dictionary<string, string> { ["MICROBLOG_DATABASE"] = file.Name }, "database", "create");
        Assert.Equal((0, true), (code, output.Contains(file.Path, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("oracle:Password=secret")]
    [InlineData("sqlite:")]
    public async Task What_names_no_database_is_2_and_never_repeated(string name)
    {
        var (code, output) = await Tool.RunAsync("database", "check", "--database", name);
        Assert.Equal(2, code);
        Assert.Contains("names no database", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        var environment = new Dictionary<string, string> { ["MICROBLOG_DATABASE"] = name };
        Assert.DoesNotContain("secret", (await Tool.RunAsync(environment, "database", "check")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", (await Tool.RunAsync(environment, "database", "check", "--help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_database_named_is_2() =>
        Assert.Contains("set MICROBLOG_DATABASE", (await Tool.RunAsync("database", "check")).Output, StringComparison.Ordinal);

    private async Task AssertAsync(int code, string words, string command)
    {
        var (actual, output) = await Tool.RunAsync("database", command, "--database", file.Name);
        Assert.Contains(words, output, StringComparison.Ordinal);
        Assert.Equal(code, actual);
    }
}
