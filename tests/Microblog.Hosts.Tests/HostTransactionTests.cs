using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Microblog.Hosts.Tests;

/// <summary>A host publishes on its own connection, in its own transaction, by the means that hosts have.</summary>
public abstract class HostTransactionTests(string kind) : IAsyncLifetime, IDisposable
{
    private readonly TempDatabase temporary = new(kind);
    private readonly BlockingCollection<string> heard = [];
    private Site site = null!;

    private HostDatabase Database => temporary.Database;

    public async Task InitializeAsync() => site = await Site.StartAsync(Database, heard.Add);

    public async Task DisposeAsync() => await site.DisposeAsync();

    public void Dispose()
    {
        temporary.Dispose();
        heard.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_ADO_NET_the_row_and_the_notice_stand_or_fall_together(bool commits)
    {
        await using var connection = Database.Connect();
        var (node, author) = (site.Node, site.Alice);
        if (commits)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var insert = connection.CreateCommand();
            (insert.Transaction, insert.CommandText) = (transaction, "INSERT INTO recipe VALUES ('bread')");
            await insert.ExecuteNonQueryAsync();
            await node.PublishAsync(author, new NoticeDraft { Content = "New recipe: bread" }, transaction);
            await transaction.CommitAsync();
        }
        else
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await PublishAsync(transaction);
        }

        await AssertStandsAsync(commits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_Dapper_the_row_and_the_notice_stand_or_fall_together(bool commits)
    {
        await using var connection = Database.Connect();
        var (node, author) = (site.Node, site.Alice);
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("INSERT INTO recipe VALUES (@title)", new { title = "bread" }, transaction);
        await node.PublishAsync(author, new NoticeDraft { Content = "New recipe: bread" }, transaction);
        Assert.Empty(await site.HomeAsync());
        if (commits)
            await transaction.CommitAsync();
        else
            await transaction.RollbackAsync();

        await AssertStandsAsync(commits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_a_transaction_of_Entity_Framework_the_row_and_the_notice_stand_or_fall_together(bool commits)
    {
        await using var connection = Database.Connect();
        await using var context = new SiteContext(Database.Options(connection));
        var (node, author) = (site.Node, site.Alice);
        await using var transaction = await context.Database.BeginTransactionAsync();
        context.Add(new Recipe { Title = "bread" });
        await context.SaveChangesAsync();
        await node.PublishAsync(author, new NoticeDraft { Content = "New recipe: bread" }, transaction.GetDbTransaction());
        Assert.Empty(await site.HomeAsync());
        if (commits)
            await transaction.CommitAsync();
        else
            await transaction.RollbackAsync();

        await AssertStandsAsync(commits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_a_transaction_that_Entity_Framework_uses_the_row_and_the_notice_stand_or_fall_together(bool commits)
    {
        await using var connection = Database.Connect();
        await using var context = new SiteContext(Database.Options(connection));
        var (node, author) = (site.Node, site.Alice);
        await using var transaction = await connection.BeginTransactionAsync();
        await context.Database.UseTransactionAsync(transaction);
        await node.PublishAsync(author, new NoticeDraft { Content = "New recipe: bread" }, transaction);
        context.Add(new Recipe { Title = "bread" });
        await context.SaveChangesAsync();
        if (commits)
            await transaction.CommitAsync();
        else
            await transaction.RollbackAsync();

        await AssertStandsAsync(commits);
    }

    [Fact]
    public async Task What_Entity_Framework_could_not_save_takes_the_notice_with_it()
    {
        await using var connection = Database.Connect();
        await connection.ExecuteAsync("INSERT INTO recipe VALUES ('bread')");
        await using var context = new SiteContext(Database.Options(connection));
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            await site.Node.PublishAsync(site.Alice, new NoticeDraft { Content = "New recipe: bread" }, transaction.GetDbTransaction());
            context.Add(new Recipe { Title = "bread" });
            await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync());
        }

        Assert.Empty(await site.HomeAsync());
        Assert.Empty(heard);
    }

    [Fact]
    public async Task A_refused_notice_leaves_the_hosts_transaction_as_it_was()
    {
        await using var connection = Database.Connect();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync("INSERT INTO recipe VALUES ('bread')", transaction: transaction);
            var refused = await site.Node.PublishAsync(site.Alice, new NoticeDraft { Content = "gone", ReplyTo = new NoticeId(1) }, transaction);
            Assert.NotNull(refused.Problem);
            await transaction.CommitAsync();
        }

        Assert.Equal(["bread"], await Database.RecipesAsync());
        Assert.Empty(await site.HomeAsync());
    }

    [Fact]
    public async Task It_is_delivered_within_a_second_of_a_late_commit_and_not_before()
    {
        await using var connection = Database.Connect();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction);
        // Long enough for a worker that was woken too early, or polls, to look and find nothing.
        Assert.False(heard.TryTake(out _, TimeSpan.FromSeconds(1.2)));
        await transaction.CommitAsync();

        // Half a second is for a busy machine.
        Assert.True(heard.TryTake(out var content, TimeSpan.FromSeconds(1.5)));
        Assert.Equal("New recipe: bread", content);
    }

    private async Task PublishAsync(DbTransaction transaction)
    {
        await transaction.Connection!.ExecuteAsync("INSERT INTO recipe VALUES ('bread')", transaction: transaction);
        var published = await site.Node.PublishAsync(site.Alice, new NoticeDraft { Content = "New recipe: bread" }, transaction);
        Assert.Null(published.Problem);
    }

    private async Task AssertStandsAsync(bool commits)
    {
        Assert.Equal(commits ? ["bread"] : [], await Database.RecipesAsync());
        Assert.Equal(commits ? ["New recipe: bread"] : [], await site.HomeAsync());
        Assert.Equal(commits, heard.TryTake(out _, commits ? TimeSpan.FromSeconds(30) : TimeSpan.Zero));
    }
}

public sealed class SqliteHostTransactionTests() : HostTransactionTests("sqlite");

public sealed class PostgresHostTransactionTests() : HostTransactionTests("postgres");
