namespace Microblog.Cli.Tests.Databases;

/// <summary>The commands that work on a database, on a real PostgreSQL.</summary>
public sealed class PostgresCommandTests
{
    [DatabaseFact]
    public async Task The_tool_creates_and_checks_it_and_never_prints_the_password()
    {
        await using var server = new NodeServer();
        var environment = new Dictionary<string, string> { ["MICROBLOG_DATABASE"] = server.Name + ";Password=sesame" };
        foreach (var (command, code, words) in new[] { ("check", 1, "There is no node in it"), ("create", 0, "Created test_"), ("create", 2, "There is a node in"), ("upgrade", 0, "Nothing was changed"), ("check", 0, "All is well") })
        {
            var (actual, output) = await Tool.RunAsync(environment, "database", command);
            Assert.Contains(words, output, StringComparison.Ordinal);
            Assert.Equal(code, actual);
            Assert.DoesNotContain("sesame", output, StringComparison.Ordinal);
        }

        environment["MICROBLOG_DATABASE"] = server.Name + "_nowhere;Password=sesame";
        var (missing, said) = await Tool.RunAsync(environment, "database", "check");
        Assert.Equal(2, missing);
        Assert.Contains("no such database", said, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", said, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task Check_names_a_number_of_a_person_that_is_wrong()
    {
        await using var server = new NodeServer();
        await server.Database.UpgradeAsync(CancellationToken.None);
        await server.RunAsync(KeptCounts.Right("microblog."));
        Assert.Equal((0, true), Said(await RunAsync(server, "database", "check"), "All is well."));

        foreach (var (column, what) in KeptCounts.Columns)
        {
            await server.RunAsync($"UPDATE microblog.profile_count SET {column} = {column} + 1 WHERE profile = 1");
            Assert.Equal((1, true), Said(await RunAsync(server, "database", "check"), $"The profile 1 is kept with 2 {what} and has 1."));
            await server.RunAsync($"UPDATE microblog.profile_count SET {column} = {column} - 1 WHERE profile = 1");
        }

        await server.RunAsync("DELETE FROM microblog.profile_count");
        Assert.Equal((1, true), Said(await RunAsync(server, "database", "check"), "4 findings."));
    }

    [DatabaseFact]
    public async Task What_was_given_up_is_listed_and_sent_again_while_the_node_runs()
    {
        await using var server = new NodeServer();
        await using var node = server.CreateStore();
        await node.StartAsync(CancellationToken.None);
        Assert.Equal((0, true), Said(await RunAsync(server, "queue", "list"), "Nothing was given up."));
        await QueueScene.OpenLaneAsync(node);
        for (var number = 1; number <= 3; number++)
            await server.RunAsync(QueueScene.GiveUp("microblog.", number));

        Assert.Equal((0, true), Said(await RunAsync(server, "queue", "list"), "2: notice 902 of alice → https://there.example/post, given up 2026-03-01 12:00:00Z: 403 \\u{1b}[31mgo away"));
        Assert.Equal((1, true), Said(await RunAsync(server, "queue", "retry", "2", "77"), "77: there is no such delivery"));
        Assert.Equal((0, true), Said(await RunAsync(server, "queue", "list"), "destination there.example (omb): living, 1 lane waits"));
        Assert.Equal(902, Assert.Single(await QueueScene.LeaseAsync(node)));
        Assert.Equal((0, true), Said(await RunAsync(server, "queue", "retry", "--all"), "2 of 2 back in the queue"));
        Assert.Equal((0, true), Said(await RunAsync(server, "queue", "list"), "Nothing was given up."));
    }

    [DatabaseFact]
    public async Task The_queue_of_half_a_copy_is_not_touched()
    {
        await using var server = new NodeServer();
        await server.Database.UpgradeAsync(CancellationToken.None);
        await server.RunAsync("CREATE TABLE microblog.unfinished_copy AS SELECT 'x'::text AS source");
        Assert.Equal((2, true), Said(await RunAsync(server, "queue", "list"), "is half a copy"));
    }

    private static (int Code, bool IsSaid) Said((int Code, string Output) result, string text) =>
        (result.Code, result.Output.Contains(text, StringComparison.Ordinal) ? true : throw new Xunit.Sdk.XunitException(result.Output));

    private static Task<(int Code, string Output)> RunAsync(NodeServer server, params string[] arguments) => Tool.RunAsync([.. arguments, "--database", server.Name]);
}
