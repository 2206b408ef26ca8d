using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Microblog.Load;

/// <summary>Where a node keeps everything, and a way past its store, to fill it and to look into it.</summary>
/// <param name="Directory">For the node's keys, and its SQLite file.</param>
/// <param name="Postgres">The connection string, or <see langword="null"/> for SQLite.</param>
internal sealed record NodeDatabase(string Directory, string? Postgres)
{
    private string SqlitePath => Path.Combine(Directory, "node.db");

    public void UseIn(MicroblogBuilder builder)
    {
        if (Postgres is not null)
            builder.UsePostgres(Postgres);
        else
            builder.UseSqlite($"Data Source={SqlitePath}");
    }

    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = Postgres is not null
            ? new NpgsqlConnection(Postgres + ";Pooling=false;Command Timeout=0")
            : new SqliteConnection($"Data Source={SqlitePath};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements without values, of which the last may answer with a number.</summary>
    /// <param name="connection">From <see cref="OpenAsync"/>.</param>
    /// <param name="sql">Names tables as PostgreSQL does: <c>microblog.notice</c>.</param>
    public async Task<long> RunAsync(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Postgres is not null ? sql : sql.Replace("microblog.", "microblog_", StringComparison.Ordinal);
        return await command.ExecuteScalarAsync() switch
        {
            long number => number,
            int number => number,
            // A pragma answers with a word.
            _ => 0,
        };
    }

    /// <summary>Lets the planner know what there is after much has been filled in, as it would over time.</summary>
    public Task SettleAsync(DbConnection connection) => RunAsync(connection, Postgres is not null ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint(TRUNCATE)");
}
