using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>What the store asks of the server for its own connections.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly TempDatabase database = new(isEmpty: true);

    public void Dispose() => database.Dispose();

    [Theory]
    [InlineData("", "synchronous_commit", "on")]
    [InlineData("Options=-c synchronous_commit=off", "synchronous_commit", "on")]
    [InlineData("", "statement_timeout", "30s")]
    [InlineData("Options=-c statement_timeout=0", "statement_timeout", "30s")]
    [InlineData("", "lock_timeout", "15s")]
    [InlineData("", "jit", "off")]
    [InlineData("Options=-c jit=on", "jit", "on")]
    [InlineData("Options=-c work_mem=1234kB", "work_mem", "1234kB")]
    public async Task Settings_that_promises_rest_on_are_the_stores_and_all_others_the_hosts(string connectionString, string setting, string value)
    {
        var options = new PostgresStoreOptions { ConnectionString = database.ConnectionString + ";Pooling=false;" + connectionString };
        await using var source = PostgresConnections.Create(options.ConnectionString, options);
        await using var command = source.CreateCommand("SHOW " + setting);

        Assert.Equal(value, await command.ExecuteScalarAsync());
    }
}
