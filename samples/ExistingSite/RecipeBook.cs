using System.Security.Claims;
using Microsoft.Data.Sqlite;

namespace Microblog.Samples.ExistingSite;

/// <summary>The site's recipes. Whoever posts one and has joined the notes tells everybody who follows.</summary>
public sealed class RecipeBook
{
    private readonly string connectionString;
    private readonly MicroblogNode node;

    public RecipeBook(string connectionString, MicroblogNode node)
    {
        (this.connectionString, this.node) = (connectionString, node);
        using var connection = Open();
        using var create = connection.CreateCommand();
        create.CommandText = "create table if not exists recipes (id integer primary key, title text not null)";
        create.ExecuteNonQuery();
    }

    /// <summary>Posts a recipe. It and its notice are there both or neither, for one transaction writes them.</summary>
    /// <returns>Why the notice was refused, and the recipe with it; <see langword="null"/> when both are there.</returns>
    public async Task<string?> AddAsync(ClaimsPrincipal user, string title, CancellationToken cancellationToken = default)
    {
        var author = await node.FindProfileAsync(user.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellationToken);
        await using var connection = Open();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        (insert.Transaction, insert.CommandText) = (transaction, "insert into recipes (title) values ($title)");
        insert.Parameters.AddWithValue("$title", title);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        if (author is not null)
        {
            var notice = await node.PublishAsync(author.Id, new NoticeDraft { Content = $"New recipe: {title}" }, transaction, cancellationToken);
            // Disposing a transaction that is not committed rolls it back.
            if (!notice.IsDone(out _, out var problem))
                return problem;
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>The titles, newest first.</summary>
    public IReadOnlyList<string> List()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select title from recipes order by id desc limit 20";
        using var reader = command.ExecuteReader();
        var titles = new List<string>();
        while (reader.Read())
            titles.Add(reader.GetString(0));
        return titles;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        // The node joins a transaction only if it is as durable as its own.
        using var command = connection.CreateCommand();
        command.CommandText = "pragma synchronous = full";
        command.ExecuteNonQuery();
        return connection;
    }
}
