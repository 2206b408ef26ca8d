using System.Data;
using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>Keeps nodes that start apart from whoever upgrades or copies the database from outside.</summary>
/// <remarks>The lock of the upgrade alone would have a node wait for as long as a copy takes, without a word.</remarks>
internal static class StartLock
{
    private static readonly string Key = $"{(int)PostgresLock.Start}, 0";

    /// <summary>For a node, together with others that start. To be given back once its writer slot tells of it.</summary>
    /// <exception cref="StoreException">The database is being upgraded or copied from outside.</exception>
    public static async ValueTask TakeSharedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock_shared({Key})", connection);
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
        {
            throw new StoreException(
                $"The database {connection.Database} is being copied or upgraded by “microblog database”, and no node starts on it meanwhile. Start again when that is done.")
            {
                IsTransient = true,
            };
        }
    }

    /// <summary>Nothing to do when the connection broke: the lock went with it.</summary>
    public static async ValueTask ReleaseSharedAsync(NpgsqlConnection connection)
    {
        if (connection.State == ConnectionState.Open)
            await Talk.RunAsync(connection, $"SELECT pg_advisory_unlock_shared({Key})", CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>For whoever works from outside, alone, until the session ends. Waits as long as <c>lock_timeout</c> says.</summary>
    public static ValueTask TakeAloneAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Talk.RunAsync(connection, $"SELECT pg_advisory_lock({Key})", cancellationToken);
}
