using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>What the server finds broken when it is made to look.</summary>
internal sealed class PostgresDamage(NpgsqlConnection connection)
{
    private readonly List<string> found = [];

    public async ValueTask<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        await ListAsync(
            "SELECT format('The index %s is not valid: REINDEX it.', indexrelid::regclass) FROM pg_index JOIN pg_class c ON c.oid = indrelid "
            + "WHERE c.relnamespace = 'microblog'::regnamespace AND NOT indisvalid",
            cancellationToken).ConfigureAwait(false);
        await ListAsync(
            "SELECT format('%s pages did not match their checksums: the disk or memory is broken, restore a backup.', checksum_failures) "
            + "FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
            cancellationToken).ConfigureAwait(false);
        await ListAsync(
            "SELECT format('The profile %s is not found by its URI.', p.id) FROM microblog.profile p "
            + "WHERE NOT EXISTS (SELECT FROM microblog.profile_uri u WHERE u.uri = p.uri AND u.scope = p.scope AND u.profile = p.id) LIMIT 10",
            cancellationToken).ConfigureAwait(false);
        var tables = await PostgresTables.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (var table in tables.Nodes)
            await ReadAllAsync(tables[table], cancellationToken).ConfigureAwait(false);
        return found;
    }

    private async ValueTask ListAsync(string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            found.Add(reader.GetString(0));
    }

    // As text, so that the server unpacks every value.
    private async ValueTask ReadAllAsync(PostgresTable table, CancellationToken cancellationToken)
    {
        try
        {
            using var command = new NpgsqlCommand($"SELECT sum(length(t::text)) FROM {table.Name} t", connection) { CommandTimeout = 0 };
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("XX", StringComparison.Ordinal))
        {
            found.Add($"The table {table.Name} cannot be read: {e.MessageText}");
        }
    }
}
