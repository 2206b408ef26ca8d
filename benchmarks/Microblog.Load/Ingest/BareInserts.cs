using System.Diagnostics;
using Npgsql;

namespace Microblog.Load.Ingest;

/// <summary>The raw limit of a PostgreSQL: rows of one plain table, each committed durably by itself.</summary>
internal static class BareInserts
{
    private const string Content = "Walked along the river this morning & counted 14 herons — more than last year. Photos follow; +1 for the new path.";

    public static async Task CreateTableAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand("CREATE TABLE notice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL)", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <returns>Rows a second.</returns>
    public static async Task<double> RunAsync(string connectionString, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var inserted = 0;
        var inserts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => PrepareAsync(connectionString)));
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(inserts.Select(insert => Task.Run(() => InsertAsync(insert), cancellationToken)));
        var perSecond = inserted / watch.Elapsed.TotalSeconds;
        foreach (var insert in inserts)
            await insert.Connection!.DisposeAsync();
        return perSecond;

        async Task InsertAsync(NpgsqlCommand insert)
        {
            for (; watch.Elapsed < duration; Interlocked.Increment(ref inserted))
                await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<NpgsqlCommand> PrepareAsync(string connectionString)
    {
        var command = new NpgsqlCommand("INSERT INTO notice (content) VALUES ($1)", await OpenAsync(connectionString))
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = Content } },
        };
        await command.PrepareAsync();
        return command;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
