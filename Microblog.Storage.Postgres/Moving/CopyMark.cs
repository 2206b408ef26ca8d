using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>A table that is there while the database is half a copy, and names the source.</summary>
internal static class CopyMark
{
    public const string Table = "unfinished_copy";

    /// <summary>Part of the caller's transaction.</summary>
    public const string Remove = "DROP TABLE microblog.unfinished_copy";

    /// <summary>The source's identity; <see langword="null"/> when no copy was begun, or it was finished.</summary>
    public static async ValueTask<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('microblog.unfinished_copy') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            return null;
        using var read = new NpgsqlCommand("SELECT source FROM microblog.unfinished_copy", connection);
        return (string?)await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="StoreException">A node must not start on half a copy, nor may an upgrade change it.</exception>
    public static async ValueTask RefuseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await FindAsync(connection, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new StoreException(
                $"The database {connection.Database} is half a copy: a copy into it was interrupted. Give the same “microblog database copy” again and it "
                + "goes on where it was; or drop the schema “microblog”.");
        }
    }

    /// <summary>One statement, so that it is there as a whole.</summary>
    public static async ValueTask SetAsync(NpgsqlConnection connection, string source, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand("CREATE TABLE microblog.unfinished_copy AS SELECT $1::text AS source", connection)
        {
            Parameters = { new() { Value = source } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
