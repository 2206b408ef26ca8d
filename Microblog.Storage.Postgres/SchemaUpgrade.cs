using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Brings the tables to the version that this code knows: numbered scripts, each applied once, all in one transaction.</summary>
internal static partial class SchemaUpgrade
{
    /// <summary>The scripts in this package, the first of them leading to version 1.</summary>
    public static IReadOnlyList<string> Scripts { get; } = ReadScripts();

    /// <returns>What the database says of itself.</returns>
    /// <exception cref="StoreException">The schema is newer than the scripts: nothing changed.</exception>
    public static async ValueTask<SchemaState> ApplyAsync(
        NpgsqlConnection connection, IReadOnlyList<string> scripts, int partitions, ILogger logger, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = transaction.ConfigureAwait(false);
        // An upgrade takes as long as it takes; of several processes that start together one does it, and the others wait.
        await Talk.RunAsync(
            connection, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken).ConfigureAwait(false);
        await Talk.RunAsync(connection, $"SELECT pg_advisory_xact_lock({(int)PostgresLock.Upgrade}, 0)", cancellationToken).ConfigureAwait(false);
        var state = await ReadStateAsync(connection, cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(connection, partitions, cancellationToken).ConfigureAwait(false);
        if (state.Version > scripts.Count)
            throw TooNew(connection, state.Version, scripts.Count);
        if (state.Version > 0 && state.Version < scripts.Count)
            logger.Upgrading(connection.Database, state.Version, scripts.Count);
        for (var next = state.Version; next < scripts.Count; next++)
            await Talk.RunAsync(connection, Distribute(scripts[next], state.Partitions), cancellationToken).ConfigureAwait(false);
        if (state.Version < scripts.Count)
            await Talk.RunAsync(connection, $"UPDATE microblog.schema SET version = {scripts.Count}", cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        if (state.Version < scripts.Count)
            logger.Upgraded(connection.Database, state.Version, scripts.Count);
        return state with { Version = scripts.Count };
    }

    /// <summary>What the database says of itself, or <see langword="null"/> when there is no schema yet.</summary>
    public static async ValueTask<SchemaState?> ReadStateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('microblog.schema') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            return null;
        using var command = new NpgsqlCommand("SELECT version, identity, partitions FROM microblog.schema", connection);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new SchemaState(reader.GetInt32(0), reader.GetString(1), reader.GetInt32(2))
            : null;
    }

    public static StoreException TooNew(NpgsqlConnection connection, int version, int known) => new(
        $"The database {connection.Database} has schema version {version}, but this version of Microblog knows only {known}. "
        + "Install the newer Microblog that upgraded it, or restore a backup from before the upgrade.");

    private static async ValueTask<SchemaState> CreateAsync(NpgsqlConnection connection, int partitions, CancellationToken cancellationToken)
    {
        var identity = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await Talk.RunAsync(
            connection,
            $"""
            CREATE SCHEMA IF NOT EXISTS microblog;
            CREATE TABLE microblog.schema (version integer NOT NULL, identity text NOT NULL, partitions integer NOT NULL);
            INSERT INTO microblog.schema VALUES (0, '{identity}', {partitions})
            """,
            cancellationToken).ConfigureAwait(false);
        return new SchemaState(0, identity, partitions);
    }

    /// <summary>Divides the tables of a script that say by which column.</summary>
    internal static string Distribute(string script, int partitions)
    {
        if (partitions == 0)
            return Distributed().Replace(script, "${create}");
        return Distributed().Replace(script, match =>
        {
            var (create, table, column) = (match.Groups["create"].Value, match.Groups["table"].Value, match.Groups["column"].Value);
            var parts = Enumerable.Range(0, partitions).Select(part => string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE TABLE {table}_{part} PARTITION OF {table} FOR VALUES WITH (MODULUS {partitions}, REMAINDER {part})"));
            return $"{create} PARTITION BY HASH ({column});\n{string.Join(";\n", parts)}";
        });
    }

    // "CREATE TABLE name (…) {BY:column}"
    [GeneratedRegex(@"(?<create>CREATE TABLE (?<table>\S+) \([^;]*?\)) \{BY:(?<column>\w+)\}", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Distributed();

    private static List<string> ReadScripts()
    {
        var assembly = typeof(SchemaUpgrade).Assembly;
        var scripts = new List<string>();
        while (assembly.GetManifestResourceStream((scripts.Count + 1).ToString("0000", CultureInfo.InvariantCulture) + ".sql") is { } stream)
        {
            using var reader = new StreamReader(stream);
            scripts.Add(reader.ReadToEnd());
        }

        return scripts;
    }
}

/// <summary>What a database says of itself.</summary>
/// <param name="Version">Of the schema.</param>
/// <param name="Identity">Tells this node's tables from those of any other.</param>
/// <param name="Partitions">Into how many parts the big tables are divided.</param>
internal sealed record SchemaState(int Version, string Identity, int Partitions);
