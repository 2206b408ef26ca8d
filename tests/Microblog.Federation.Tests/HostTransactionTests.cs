using Microblog.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests;

/// <summary>A host that keeps its own rows and the node's in one file, and publishes inside its own transaction.</summary>
public sealed class HostTransactionTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("microblog-host-").FullName;
    private TestNode node = null!;
    private Profile alice = null!;

    private string ConnectionString => $"Data Source={Path.Combine(directory, "site.db")};Pooling=False";

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(m => m.UseSqlite(ConnectionString));
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_hosts_row_and_the_notice_stand_or_fall_together()
    {
        await using var connection = await OpenAsync();
        await RunAsync(connection, null, "CREATE TABLE post (title TEXT)");
        foreach (var commits in new[] { false, true })
        {
            await using var transaction = connection.BeginTransaction();
            await RunAsync(connection, transaction, "INSERT INTO post VALUES ('bread')");
            var first = await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "New recipe: bread" }, transaction);
            // What is not committed yet can be answered in the same transaction.
            var reply = await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "And butter", ReplyTo = first.Value.Id }, transaction);
            Assert.Null(reply.Problem);
            Assert.Empty(await node.HomeAsync(alice));
            if (commits)
                await transaction.CommitAsync();
            else
                await transaction.RollbackAsync();
            Assert.Equal(commits ? ["And butter", "New recipe: bread"] : [], await node.HomeAsync(alice));
        }
    }

    [Fact]
    public async Task Whoever_polls_forward_misses_nothing_that_a_host_commits_late()
    {
        await using var connection = await OpenAsync();
        await using var transaction = connection.BeginTransaction(deferred: true);
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "before" });
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "late" }, transaction);
        var after = node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "after" });

        var page = await node.Node.HomeAsync(alice.Id, PageRequest.NewerThan(default, 10));
        Assert.Equal(["before"], page.Select(e => e.Notice.Content));
        await transaction.CommitAsync();
        await after;
        page = await node.Node.HomeAsync(alice.Id, PageRequest.NewerThan(page.Next, 10));
        Assert.Equal(["after", "late"], page.Select(e => e.Notice.Content).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_store_outside_the_hosts_database_says_so()
    {
        await using var elsewhere = await TestNode.StartAsync();
        var bob = await elsewhere.JoinAsync("bob");
        await using var connection = await OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => elsewhere.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "nowhere" }, transaction));
    }

    private static async Task RunAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        await RunAsync(connection, null, "PRAGMA synchronous = FULL");
        return connection;
    }
}
