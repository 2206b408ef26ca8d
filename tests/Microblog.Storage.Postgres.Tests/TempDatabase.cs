using Microblog.Storage.Conformance;
using Microblog.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A database of its own on the tests' server, dropped with it.</summary>
internal sealed class TempDatabase : IStoreFixture
{
    private readonly int partitions;
    private string? connectionString;

    public TempDatabase(int partitions = 0)
    {
        this.partitions = partitions;
        if (PostgresServer.Missing is { } reason)
            throw new InvalidOperationException("$XunitDynamicSkip$" + reason);
    }

    public string ConnectionString => connectionString ??= PostgresServer.Shared.CreateDatabase();

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

    public void Dispose()
    {
        if (connectionString is not null)
            PostgresServer.Shared.DropDatabase(connectionString);
    }
}
