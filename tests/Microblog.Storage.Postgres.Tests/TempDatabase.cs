using System.Collections.Concurrent;
using System.Data.Common;
using Microblog.Storage.Conformance;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A database of its own on the tests' server, dropped with it: a copy of one that has the schema, or empty.</summary>
internal sealed class TempDatabase : IHostFixture
{
    private static readonly ConcurrentDictionary<int, Lazy<string>> Templates = new();

    private readonly int partitions;
    private readonly bool isEmpty;
    private string? connectionString;
    private string? elsewhere;

    /// <param name="partitions">Into how many parts the big tables are divided; 0 for none.</param>
    /// <param name="isEmpty">Whether the store makes the schema itself, as at a first start.</param>
    public TempDatabase(int partitions = 0, bool isEmpty = false)
    {
        (this.partitions, this.isEmpty) = (partitions, isEmpty);
        SkipWithoutServer();
    }

    public string ConnectionString => connectionString ??= PostgresServer.Shared.CreateDatabase(
        isEmpty ? null : Templates.GetOrAdd(partitions, static count => new Lazy<string>(() => MakeTemplate(count))).Value, hasManyTables: partitions > 0);

    public string Prefix => "microblog.";

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

    // Nobody may be connected to a database while it is copied.
    private static string MakeTemplate(int partitions)
    {
        var template = PostgresServer.Shared.CreateDatabase();
        using var connection = new NpgsqlConnection(template + ";Pooling=false");
        connection.Open();
        SchemaUpgrade.ApplyAsync(connection, SchemaUpgrade.Scripts, partitions, NullLogger.Instance, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return template;
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
