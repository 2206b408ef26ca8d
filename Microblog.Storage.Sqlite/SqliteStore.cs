using System.Data.Common;
using System.Globalization;
using Microblog.Storage.Sqlite.Moving;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Microblog.Storage.Sqlite;

/// <summary>A store in one SQLite file.</summary>
/// <remarks>
/// <para>One thread writes and commits together what has been queued meanwhile; readers have snapshots and never wait for it. An
/// acknowledged write has been synchronised to the disk (write-ahead log, <c>synchronous=FULL</c>). One process at a time uses a file.</para>
/// <para>The work of a transaction runs on the writing thread and has to complete without waiting: a work that awaits anything but its
/// session fails with <see cref="InvalidOperationException"/>. It runs a second time when another one of its group fails.</para>
/// </remarks>
public sealed class SqliteStore : IEnlistingStore, IAsyncDisposable
{
    private readonly SqliteStoreOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<SqliteStore> logger;
    private readonly SqliteConnector connector;
    private readonly Lock gate = new();
    private Parts? parts;
    private bool isDisposed;

    /// <param name="options">Which file, and how.</param>
    /// <param name="clock">The clock of numbers and leases.</param>
    /// <param name="logger">Hears of upgrades and failed commits.</param>
    /// <exception cref="ArgumentException">The options name no file, or a value is out of range.</exception>
    public SqliteStore(SqliteStoreOptions options, TimeProvider clock, ILogger<SqliteStore> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReadConnections, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ReadConnections, 64, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BusyTimeout, TimeSpan.Zero, nameof(options));
        this.options = options;
        this.clock = clock;
        this.logger = logger;
        connector = new SqliteConnector(options);
    }

    /// <inheritdoc/>
    public IdSource Ids => Started.Ids;

    /// <inheritdoc/>
    public IBlobStore Blobs => Started.Blobs;

    /// <inheritdoc/>
    public int LanesPerTransaction => 4;

    internal SqliteWriter Writer => Started.Writer;

    internal SqliteConnector Connector => connector;

    private Parts Started => Volatile.Read(ref parts) ?? throw new InvalidOperationException("The store has not been started.");

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (parts is null)
                Volatile.Write(ref parts, Start());
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Started.Writer.ExecuteAsync(work, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Also when the connection's <c>synchronous</c> setting is weaker than the store promises:
    /// it has to be set before the transaction begins.</exception>
    public async ValueTask<T> ExecuteAsync<T>(
        DbTransaction transaction, Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var started = Started;
        var horizon = started.Ids.ReadHorizon;
        using var database = Join(transaction, started.Database.Path);
        using var session = new SqliteSession(database, clock, horizon);
        // The host may catch the exception and commit all the same; then nothing of a half-done work may be there.
        database.Run("SAVEPOINT microblog_enlisted");
        try
        {
            // The write lock, now and until the host commits: numbers that the work draws are then visible before any later one.
            SqliteLock.Run(database, "UPDATE microblog_lease SET last = last WHERE 0", options.BusyTimeout);
            var result = await work(session, CancellationToken.None).ConfigureAwait(false);
            database.Run("RELEASE microblog_enlisted");
            return result;
        }
        catch
        {
            if (database.IsInTransaction)
            {
                database.Run("ROLLBACK TO microblog_enlisted");
                database.Run("RELEASE microblog_enlisted");
            }

            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Nothing lags here: both kinds of freshness answer alike.</remarks>
    public ValueTask<T> ReadAsync<T>(
        Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Started.Readers.ReadAsync(work, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> StampAsync(CancellationToken cancellationToken) => new(Started.Stamp.Read());

    /// <summary>Finishes what has been queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (isDisposed)
                return;
            isDisposed = true;
        }

        if (parts is not { } started)
            return;
        await started.Writer.StopAsync().ConfigureAwait(false);
        await started.Readers.DisposeAsync().ConfigureAwait(false);
        started.Stamp.Dispose();
        started.Database.Dispose();
    }

    private Parts Start()
    {
        var database = connector.OpenWriter();
        try
        {
            CopyMark.Refuse(database);
            var (from, to) = SchemaUpgrade.Apply(database, SchemaUpgrade.Scripts, options.BusyTimeout, logger);
            if (from > 0 && from < to)
                logger.Upgraded(database.Path, from, to);
            logger.Opened(database.Path, to);
            if (options.LoseLastWritesOnPowerCut)
                logger.DurabilityWeakened();
            var last = database.Use(
                """
                SELECT max(coalesce((SELECT max(id) FROM microblog_notice), 0), coalesce((SELECT max(id) FROM microblog_profile), 0),
                    coalesce((SELECT max(id) FROM microblog_subscription), 0), coalesce((SELECT max(id) FROM microblog_attachment), 0),
                    coalesce((SELECT max(position) FROM microblog_home WHERE position <> notice), 0),
                    coalesce((SELECT max(position) FROM microblog_mention WHERE position <> notice), 0),
                    coalesce((SELECT max(position) FROM microblog_favourite), 0),
                    coalesce((SELECT max(position) FROM microblog_notification), 0),
                    coalesce((SELECT max(id) FROM microblog_group), 0), coalesce((SELECT max(position) FROM microblog_group_member), 0),
                    coalesce((SELECT max(changed) FROM microblog_notice INDEXED BY microblog_notice_changed
                        WHERE changed <> 0 AND is_remote = 0 AND visibility = 0 AND is_local_only = 0), 0))
                """).RunScalar() ?? 0;
            var blobs = new FileBlobs(options.FolderOf(database.Path), clock);
            blobs.Start();
            var ids = new IdSource(clock, slot: 0, last);
            return new Parts(
                database,
                ids,
                new SqliteWriter(database, ids, clock, options.BusyTimeout, logger),
                new SqliteReaders(connector, ids, clock, options.ReadConnections, options.BusyTimeout),
                blobs,
                new SqliteStamp(connector));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private SqliteDatabase Join(DbTransaction transaction, string path)
    {
        if (transaction is not SqliteTransaction { Connection: { } connection })
            throw new ArgumentException("The transaction is not an open transaction of Microsoft.Data.Sqlite.", nameof(transaction));
        var database = new SqliteDatabase(connection, isOwner: false);
        if (database.Path != path)
            throw new ArgumentException($"The transaction belongs to '{database.Path}', the store to '{path}'.", nameof(transaction));
        if (!int.TryParse(database.ReadPragma("synchronous"), CultureInfo.InvariantCulture, out var synchronous) || synchronous < connector.Synchronous)
            throw new ArgumentException("Set PRAGMA synchronous = FULL on the connection before the transaction begins.", nameof(transaction));
        return database;
    }

    private sealed record Parts(SqliteDatabase Database, IdSource Ids, SqliteWriter Writer, SqliteReaders Readers, IBlobStore Blobs, SqliteStamp Stamp);
}
