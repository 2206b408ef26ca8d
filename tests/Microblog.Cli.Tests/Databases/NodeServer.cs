using Microblog.Storage.Postgres;
using Microblog.Storage.Postgres.Moving;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Cli.Tests.Databases;

/// <summary>An empty database on a real PostgreSQL, looked at past our code.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private readonly string connectionString = PostgresServer.Shared.CreateDatabase();

    public NodeServer() => Database = new PostgresNodeDatabase(new PostgresStoreOptions { ConnectionString = connectionString });

    public string Name => "postgres:" + connectionString;

    public PostgresNodeDatabase Database { get; }

    public PostgresStore CreateStore() => new(new PostgresStoreOptions { ConnectionString = connectionString }, TimeProvider.System, NullLogger<PostgresStore>.Instance);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        PostgresServer.Shared.DropDatabase(connectionString);
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Skipped where PostgreSQL is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseFactAttribute : FactAttribute
{
    public DatabaseFactAttribute() => Skip = PostgresServer.Missing;
}
