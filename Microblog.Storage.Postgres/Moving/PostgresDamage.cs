using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>What the server finds broken when it is made to look.</summary>
internal sealed class PostgresDamage(NpgsqlConnection connection)
{
    private const string WrongCounts =
        """
        SELECT 'The profile ' || person || ' is kept with ' || sum(kept) || ' ' || what || ' and has ' || sum(found) || '.' FROM (
            SELECT profile AS person, 'notices' AS what, notices AS kept, 0 AS found FROM microblog.profile_count
            UNION ALL SELECT profile, 'followers', followers, 0 FROM microblog.profile_count
            UNION ALL SELECT profile, 'subscriptions', following, 0 FROM microblog.profile_count
            UNION ALL SELECT profile, 'favourites', favourites, 0 FROM microblog.profile_count
            UNION ALL SELECT author, 'notices', 0, 1 FROM microblog.notice WHERE NOT is_remote AND NOT is_deleted AND visibility < 3
            UNION ALL SELECT publisher, 'followers', 0, 1 FROM microblog.subscription WHERE state = 1 AND (NOT is_subscriber_local OR protocol = 'local')
            UNION ALL SELECT subscriber, 'subscriptions', 0, 1 FROM microblog.subscription WHERE state = 1 AND is_subscriber_local
            UNION ALL SELECT person, 'favourites', 0, 1 FROM microblog.favourite) counted
        GROUP BY person, what HAVING sum(kept) <> sum(found) ORDER BY person, what LIMIT 10
        """;

    private readonly List<string> found = [];

    /// <param name="isKnown">Whether the tables have this version.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async ValueTask<IReadOnlyList<string>> FindAsync(bool isKnown, CancellationToken cancellationToken)
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
        if (isKnown)
            await ListAsync(WrongCounts, cancellationToken).ConfigureAwait(false);
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
