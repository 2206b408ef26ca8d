using System.Data;
using System.Globalization;
using Microblog.Storage.Moving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>A node's PostgreSQL database, for whoever creates, upgrades, checks or moves it.</summary>
/// <remarks>It is in use while a process holds a writer slot; one that was killed holds it until its lease has run out, after three
/// heartbeats. What writes or copies keeps nodes from starting for as long as its session lasts: they are refused. Needs sessions of its own, so
/// no pooler that shares them out by transaction may stand between.</remarks>
public sealed class PostgresNodeDatabase : INodeDatabase, IAsyncDisposable
{
    private static readonly int Known = SchemaUpgrade.Scripts.Count;

    private readonly PostgresStoreOptions options;
    private readonly ILogger logger;
    private readonly NpgsqlDataSource source;

    /// <param name="options">Which database.</param>
    /// <param name="logger">Hears of upgrades; may be left out.</param>
    /// <exception cref="ArgumentException">The connection string is malformed, or a value is out of range.</exception>
    public PostgresNodeDatabase(PostgresStoreOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        PostgresConnections.Validate(options);
        this.options = options;
        this.logger = logger ?? NullLogger.Instance;
        // A connection in a pool would keep its locks.
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false };
        source = PostgresConnections.Create(settings.ToString(), options);
        Name = string.Create(CultureInfo.InvariantCulture, $"{settings.Database ?? settings.Username} on {settings.Host}:{settings.Port}");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<DatabaseState> InspectAsync(CancellationToken cancellationToken) => WithConnectionAsync(
        async connection =>
        {
            var state = await SchemaUpgrade.ReadStateAsync(connection, cancellationToken).ConfigureAwait(false);
            return new DatabaseState
            {
                Version = state?.Version ?? 0,
                KnownVersion = Known,
                IsInUse = await IsInUseAsync(connection, cancellationToken).ConfigureAwait(false),
                IsHalfCopied = await CopyMark.FindAsync(connection, cancellationToken).ConfigureAwait(false) is not null,
            };
        },
        cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Reads every row of the node's tables, and asks the server for invalid indexes and for checksums that did not match.</remarks>
    public ValueTask<IReadOnlyList<string>> FindDamageAsync(CancellationToken cancellationToken) => WithConnectionAsync<IReadOnlyList<string>>(
        async connection =>
        {
            if (await SchemaUpgrade.ReadStateAsync(connection, cancellationToken).ConfigureAwait(false) is not { } state)
                return [];
            await Talk.RunAsync(connection, "SET statement_timeout = 0", cancellationToken).ConfigureAwait(false);
            return await new PostgresDamage(connection).FindAsync(state.Version == Known, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<(int From, int To)> UpgradeAsync(CancellationToken cancellationToken) => WithConnectionAsync(
        async connection =>
        {
            await KeepNodesAwayAsync(connection, cancellationToken).ConfigureAwait(false);
            await CopyMark.RefuseAsync(connection, cancellationToken).ConfigureAwait(false);
            return await UpgradeAsync(connection, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ICopySource> OpenSourceAsync(CancellationToken cancellationToken) => Talk.WithAsync<ICopySource>(async () =>
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await KeepNodesAwayAsync(connection, cancellationToken).ConfigureAwait(false);
            await CopyMark.RefuseAsync(connection, cancellationToken).ConfigureAwait(false);
            var state = await RequireKnownVersionAsync(
                connection, "Upgrade it first, with “microblog database upgrade” or by starting the node once.", cancellationToken).ConfigureAwait(false);
            var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
            // Also from one that has asked for the schema already and takes its slot next.
            await Talk.RunAsync(connection, "LOCK TABLE microblog.writer IN SHARE MODE", cancellationToken).ConfigureAwait(false);
            await RefuseIfInUseAsync(connection, cancellationToken).ConfigureAwait(false);
            return await PostgresCopySource.OpenAsync(connection, snapshot, new PostgresBlobs(source, TimeProvider.System), state.Identity, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    });

    /// <inheritdoc/>
    public ValueTask<ICopyTarget> OpenTargetAsync(CancellationToken cancellationToken) => Talk.WithAsync<ICopyTarget>(async () =>
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await KeepNodesAwayAsync(connection, cancellationToken).ConfigureAwait(false);
            if (await CopyMark.FindAsync(connection, cancellationToken).ConfigureAwait(false) is null)
                await UpgradeAsync(connection, cancellationToken).ConfigureAwait(false);
            await RequireKnownVersionAsync(
                connection, "The copy was begun by an older Microblog: drop the schema “microblog” and begin anew.", cancellationToken).ConfigureAwait(false);
            return await PostgresCopyTarget.OpenAsync(connection, new PostgresBlobs(source, TimeProvider.System), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    });

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    private ValueTask<T> WithConnectionAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) => Talk.WithAsync(async () =>
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        return await work(connection).ConfigureAwait(false);
    });

    private async ValueTask<(int From, int To)> UpgradeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var before = await SchemaUpgrade.ReadStateAsync(connection, cancellationToken).ConfigureAwait(false);
        var after = await SchemaUpgrade.ApplyAsync(connection, SchemaUpgrade.Scripts, options.HashPartitions, logger, cancellationToken).ConfigureAwait(false);
        return (before?.Version ?? 0, after.Version);
    }

    // For as long as the session lasts; the server lets go of it when the session ends, however that happens.
    private async ValueTask KeepNodesAwayAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await Talk.RunAsync(
            connection, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s'", cancellationToken).ConfigureAwait(false);
        try
        {
            // Waits a little: of a tool that was killed the server hears a moment later.
            await StartLock.TakeAloneAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StoreException($"The database {Name} is being upgraded or copied right now, or a node starts on it. Try again when that is done.", e) { IsTransient = true };
        }

        await RefuseIfInUseAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RefuseIfInUseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await IsInUseAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            throw new StoreException(
                $"The database {Name} is in use. Stop the node, all its processes, and try again; of one that was killed the database knows half a minute later.") { IsTransient = true };
        }
    }

    private static async ValueTask<bool> IsInUseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('microblog.writer') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            return false;
        using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM microblog.writer WHERE holder <> '' AND until >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint)", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private async ValueTask<SchemaState> RequireKnownVersionAsync(NpgsqlConnection connection, string whenOlder, CancellationToken cancellationToken)
    {
        var state = await SchemaUpgrade.ReadStateAsync(connection, cancellationToken).ConfigureAwait(false);
        if (state is null || state.Version == 0)
            throw new StoreException($"There is no node in the database {Name}.");
        if (state.Version != Known)
        {
            throw new StoreException($"The database {Name} has schema version {state.Version}, and this version of Microblog needs {Known}. "
                + (state.Version < Known ? whenOlder : "Use the newer Microblog that upgraded it."));
        }

        return state;
    }
}
