using System.Data.Common;
using Microblog.Storage.Conformance;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A database of its own on the tests' server, dropped with it.</summary>
internal sealed class TempDatabase : IHostFixture
{
    private readonly int partitions;
    private string? connectionString;
    private string? elsewhere;

    public TempDatabase(int partitions = 0)
    {
        this.partitions = partitions;
        SkipWithoutServer();
    }

    public string ConnectionString => connectionString ??= PostgresServer.Shared.CreateDatabase();

    public string Weakening => "SET synchronous_commit = off";

    public string Remedy => "synchronous_commit = on";

    public static void SkipWithoutServer()
    {
        if (PostgresServer.Missing is { } reason)
            throw new InvalidOperationException("$XunitDynamicSkip$" + reason);
    }

    public PostgresStore CreateStore(TimeProvider clock, Action<PostgresStoreOptions>? configure = null)
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = ConnectionString,
            HashPartitions = partitions,
            HorizonMaxAge = TimeSpan.Zero,
            IdleTimeout = TimeSpan.FromMilliseconds(500),
        };
        configure?.Invoke(options);
        return new PostgresStore(options, clock, NullLogger<PostgresStore>.Instance);
    }

    IMicroblogStore IStoreFixture.CreateStore(TimeProvider clock) => CreateStore(clock);

    public DbConnection OpenHost() => Open(ConnectionString);

    public DbConnection OpenElsewhere() => Open(elsewhere ??= PostgresServer.Shared.CreateDatabase());

    public void Dispose()
    {
        if (elsewhere is not null)
            PostgresServer.Shared.DropDatabase(elsewhere);
        if (connectionString is not null)
            PostgresServer.Shared.DropDatabase(connectionString);
    }

    private static NpgsqlConnection Open(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var create = new NpgsqlCommand("CREATE TABLE IF NOT EXISTS post (text TEXT)", connection);
        create.ExecuteNonQuery();
        return connection;
    }
}
