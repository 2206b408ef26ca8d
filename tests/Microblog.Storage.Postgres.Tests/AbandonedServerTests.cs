using System.Diagnostics;
using System.Globalization;
using Microblog.TestServers;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>What a killed test run leaves, the next one removes, and nothing else.</summary>
public sealed class AbandonedServerTests : IDisposable
{
    private readonly PostgresServer server;

    public AbandonedServerTests()
    {
        TempDatabase.SkipWithoutServer();
        server = PostgresServer.Start(isDurable: false);
    }

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task A_server_whose_process_is_gone_is_stopped_and_its_directory_deleted()
    {
        await DisownAsync();

        PostgresServer.RemoveAbandoned();

        Assert.False(Directory.Exists(server.Data));
        // Nobody answers; a server without its files would still refuse.
        Assert.IsNotType<PostgresException>(await Assert.ThrowsAnyAsync<NpgsqlException>(AskAsync));
    }

    [Fact]
    public async Task A_server_whose_process_lives_or_is_not_known_is_left_alone()
    {
        PostgresServer.RemoveAbandoned();
        await AskAsync();

        File.Delete(server.OwnerFile);
        PostgresServer.RemoveAbandoned();
        await AskAsync();
    }

    [Fact]
    public async Task A_process_that_does_not_serve_the_abandoned_directory_is_not_stopped()
    {
        using var other = Process.Start("sleep", "60");
        server.Stop();
        await File.WriteAllTextAsync(Path.Combine(server.Data, "postmaster.pid"), $"{other.Id}\n{server.Data}\n");
        await DisownAsync();

        PostgresServer.RemoveAbandoned();

        Assert.False(Directory.Exists(server.Data));
        Assert.False(other.HasExited);
        other.Kill();
    }

    // As if the process that started it had been killed.
    private async Task DisownAsync()
    {
        using var gone = Process.Start("true");
        await gone.WaitForExitAsync();
        await File.WriteAllTextAsync(server.OwnerFile, gone.Id.ToString(CultureInfo.InvariantCulture));
    }

    private async Task AskAsync()
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
    }
}
