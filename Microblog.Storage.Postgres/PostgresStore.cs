using System.Data.Common;
using Microblog.Delivery;
using Microblog.Storage.Postgres.Moving;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>A store in a PostgreSQL database that many processes share.</summary>
/// <remarks>
/// <para>Each transaction has a connection of its own; statements that nobody waits for travel with the next one that somebody does.
/// Isolation is read committed; look-ups by key in a transaction that writes lock what they find. Work that meets another transaction
/// runs again, up to twenty times. An acknowledged write has been synchronised to the server's disk (<c>synchronous_commit=on</c>).</para>
/// <para>The server's clock counts, measured at the start and with every heartbeat, unless the store was given another clock than the system's.</para>
/// <para>PostgreSQL cannot store the NUL character: text with it is refused with a <see cref="StoreException"/>.</para>
/// </remarks>
public sealed class PostgresStore : IEnlistingStore, IAsyncDisposable
{
    private static readonly TimeSpan TendInterval = TimeSpan.FromMilliseconds(500);

    private readonly PostgresStoreOptions options;
    private readonly ILogger<PostgresStore> logger;
    private readonly DatabaseClock clock;
    private readonly NpgsqlDataSource primary;
    private readonly NpgsqlDataSource? replica;
    private readonly WriterSlot slot;
    private readonly OpenNumbers numbers;
    private readonly PostgresSignals signals;
    private readonly PostgresTransactions transactions;
    private readonly PostgresStamp stamp;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim starting = new(1);
    private Task[]? background;
    private string identity = "";
    private bool isDisposed;

    /// <param name="options">Which database, and how.</param>
    /// <param name="clock">The clock of numbers and leases; the system's stands for the server's.</param>
    /// <param name="logger">Hears of upgrades, lost slots and broken connections.</param>
    /// <param name="signal">Is woken when another process has something for the workers; none in a process without workers.</param>
    /// <exception cref="ArgumentException">A connection string is malformed, or a value is out of range.</exception>
    public PostgresStore(PostgresStoreOptions options, TimeProvider clock, ILogger<PostgresStore> logger, DeliverySignal? signal = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(logger);
        PostgresConnections.Validate(options);
        this.options = options;
        this.logger = logger;
        this.clock = new DatabaseClock(clock);
        primary = PostgresConnections.Create(options.ConnectionString, options);
        replica = options.ReplicaConnectionString is { } address ? PostgresConnections.Create(address, options) : null;
        Blobs = new PostgresBlobs(primary, this.clock);
        slot = new WriterSlot(primary, this.clock, options, logger);
        numbers = new OpenNumbers(primary, slot, this.clock, logger);
        signals = new PostgresSignals(primary, slot.Holder, signal, logger);
        stamp = new PostgresStamp(primary);
        transactions = new PostgresTransactions(
            primary, slot, numbers, new PostgresHorizon(primary, slot, this.clock, options.HorizonMaxAge), this.clock, options, logger);
    }

    /// <inheritdoc/>
    public IdSource Ids => slot.Ids;

    /// <inheritdoc/>
    public IBlobStore Blobs { get; }

    /// <inheritdoc/>
    public int LanesPerTransaction => 64;

    /// <summary>What happens every half second, for tests that make their own time.</summary>
    internal ValueTask TendAsync(CancellationToken cancellationToken) => numbers.TendAsync(cancellationToken);

    /// <summary>Whether other processes may take this one for dead, for tests that keep its heartbeats back.</summary>
    internal bool HasLapsed => slot.HasLapsed;

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (background is null)
                await StartOnceAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.Describe(e);
        }
        finally
        {
            starting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var (result, wake) = await transactions.ExecuteAsync(work, cancellationToken).ConfigureAwait(false);
        signals.Send(wake, stopping.Token);
        return result;
    }

    /// <inheritdoc/>
    /// <remarks>Not run again when it meets another transaction: the host's transaction has failed then, and the host decides.</remarks>
    /// <exception cref="ArgumentException">Also when <c>synchronous_commit</c> is off in the transaction.</exception>
    public async ValueTask<T> ExecuteAsync<T>(
        DbTransaction transaction, Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        if (PostgresEnlistment.OpenOrNull(transaction) is not { } open)
            throw new ArgumentException("The transaction is not an open transaction of Npgsql.", nameof(transaction));
        return await new PostgresEnlistment(transactions, clock, slot, identity).ExecuteAsync(open, work).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<T> ReadAsync<T>(
        Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        if (freshness == Freshness.MayLag && replica is not null)
        {
            try
            {
                return await transactions.ReadAsync(replica, work, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.IsTransient)
            {
                logger.ReplicaFailed(e);
            }
        }

        return await transactions.ReadAsync(null, work, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long?> StampAsync(CancellationToken cancellationToken) => replica is null ? stamp.ReadAsync(cancellationToken) : new((long?)null);

    /// <summary>Gives the writer slot back and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
            return;
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(background ?? []).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await numbers.DisposeAsync().ConfigureAwait(false);
        try
        {
            await slot.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            // Its lease runs out by itself.
            logger.HeartbeatFailed(e, TimeSpan.Zero);
        }

        await primary.DisposeAsync().ConfigureAwait(false);
        if (replica is not null)
            await replica.DisposeAsync().ConfigureAwait(false);
        slot.Dispose();
        stopping.Dispose();
        starting.Dispose();
    }

    private async Task StartOnceAsync(CancellationToken cancellationToken)
    {
        var connection = await primary.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        await StartLock.TakeSharedAsync(connection, cancellationToken).ConfigureAwait(false);
        try
        {
            await JoinAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await StartLock.ReleaseSharedAsync(connection).ConfigureAwait(false);
        }

        background =
        [
            signals.ListenAsync(stopping.Token),
            RepeatAsync(options.Heartbeat, slot.RenewAsync, stopping.Token),
            RepeatAsync(TendInterval, numbers.TendAsync, stopping.Token),
        ];
    }

    private async ValueTask JoinAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await CopyMark.RefuseAsync(connection, cancellationToken).ConfigureAwait(false);
        var state = await SchemaUpgrade.ApplyAsync(connection, SchemaUpgrade.Scripts, options.HashPartitions, logger, cancellationToken).ConfigureAwait(false);
        identity = state.Identity;
        await clock.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        await slot.TakeAsync(connection, cancellationToken).ConfigureAwait(false);
        logger.Opened(connection.Database, state.Version, slot.Slot);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, ValueTask> beatAsync, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // By real time, whatever the store's clock is: the server and other processes are real.
                await Task.Delay(interval, TimeProvider.System, stoppingToken).ConfigureAwait(false);
                await beatAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (PostgresErrors.IsFailure(e) || e is StoreException)
            {
                logger.HeartbeatFailed(e, interval);
            }
        }
    }
}
