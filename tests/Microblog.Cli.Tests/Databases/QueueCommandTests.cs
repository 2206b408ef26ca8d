using Microblog.Delivery;
using Microblog.Storage.Sqlite;

namespace Microblog.Cli.Tests.Databases;

/// <summary>The queue from the command line, while the node runs.</summary>
public sealed class QueueCommandTests : IAsyncLifetime, IDisposable
{
    private readonly NodeFile file = new();
    private SqliteStore node = null!;

    public async Task InitializeAsync()
    {
        node = file.CreateStore();
        await node.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    public void Dispose() => file.Dispose();

    [Fact]
    public async Task An_empty_queue_is_said_to_be_empty()
    {
        var (code, output) = await RunAsync("list");
        Assert.Equal(0, code);
        Assert.Contains("0 lanes wait", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was given up.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_given_up_is_listed_and_sent_again_while_the_node_runs()
    {
        await QueueScene.OpenLaneAsync(node);
        for (var number = 1; number <= 3; number++)
            GiveUp(number);
        var (code, output) = await RunAsync("list");
        Assert.Equal(0, code);
        Assert.Contains("2: notice 902 of alice → https://there.example/post, given up 2026-03-01 12:00:00Z: 403 \\u{1b}[31mgo away", output, StringComparison.Ordinal);

        Assert.Equal((1, true), Said(await RunAsync("retry", "2", "77"), "77: there is no such delivery"));
        Assert.Equal(902, Assert.Single(await QueueScene.LeaseAsync(node)));
        Assert.Equal((0, true), Said(await RunAsync("retry", "--all"), "2 of 2 back in the queue"));
        Assert.Equal((0, true), Said(await RunAsync("list"), "Nothing was given up."));
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("retry", "1", "--all")]
    [InlineData("retry", "x")]
    [InlineData("list", "--count", "0")]
    public async Task What_makes_no_sense_is_2(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).Code);

    [Fact]
    public async Task An_older_database_is_not_upgraded_under_a_running_node()
    {
        file.Run("UPDATE microblog_schema SET version = 1");
        Assert.Equal((2, true), Said(await RunAsync("list"), "has schema version 1"));
        Assert.Equal(1, file.Ask<long>("SELECT version FROM microblog_schema"));
    }

    [Fact]
    public async Task Where_there_is_no_node_none_is_made()
    {
        var nowhere = file.Path + ".other";
        var (code, _) = await Tool.RunAsync("queue", "list", "--database", "sqlite:" + nowhere);
        Assert.Equal((2, false), (code, File.Exists(nowhere)));
    }

    private static (int, bool) Said((int Code, string Output) run, string words) => (run.Code, run.Output.Contains(words, StringComparison.Ordinal));

    private Task<(int Code, string Output)> RunAsync(params string[] arguments) => Tool.RunAsync(["queue", .. arguments, "--database", file.Name]);

    private void GiveUp(int number) => file.Run(QueueScene.GiveUp("microblog_", number));
}
