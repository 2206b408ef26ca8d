using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Says in our words what goes wrong between us and the server.</summary>
internal static class Talk
{
    public static async ValueTask<T> WithAsync<T>(Func<ValueTask<T>> talk)
    {
        try
        {
            return await talk().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.Describe(e);
        }
    }

    public static async ValueTask RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
