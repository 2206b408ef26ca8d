using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>How processes tell each other which numbers are drawn but not yet visible, so that whoever reads forward misses none.</summary>
/// <remarks>
/// <para>A transaction holds a shared advisory lock on the millisecond of its process's oldest open number, from its first statement
/// until it has ended; readers look at who holds such locks. Between the drawing and that lock readers cannot see the number, so they
/// stay <see cref="Grace"/> behind the clock while other processes live, and a transaction that is later than that is refused.</para>
/// <para>A number that stays open for long, because a host's policy thinks about a notice, say, is held by this class until it is closed.</para>
/// </remarks>
internal sealed class OpenNumbers(NpgsqlDataSource source, WriterSlot slot, DatabaseClock clock, ILogger logger) : IAsyncDisposable
{
    /// <summary>How far readers stay behind the clock while other processes may have drawn numbers that cannot be seen.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Latest = Grace - TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim tending = new(1);
    private NpgsqlConnection? connection;
    private long heldFrom = long.MaxValue;

    /// <summary>The lock's second key: the milliseconds of the number's moment, of which the low 32 bits do, for nothing is open for 24 days.</summary>
    public static int KeyOf(long number) => unchecked((int)IdSource.TimeOf(number).ToUnixTimeMilliseconds());

    /// <summary>Whether readers have seen the numbers of a transaction all the time, if its lock was there at this moment.</summary>
    public bool IsCovered(long openFrom, DateTimeOffset lockedAt) => IsInTime(openFrom, lockedAt) || Volatile.Read(ref heldFrom) <= openFrom;

    /// <summary>Holds what has been open for long. Called every half second.</summary>
    public async ValueTask TendAsync(CancellationToken cancellationToken)
    {
        // A connection carries one statement at a time.
        await tending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await TendAloneAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            tending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        tending.Dispose();
    }

    private async ValueTask TendAloneAsync(CancellationToken cancellationToken)
    {
        var from = slot.OpenFrom;
        try
        {
            if (from == long.MaxValue || clock.Now - IdSource.TimeOf(from) < Long)
                await ReleaseAsync().ConfigureAwait(false);
            else
                await HoldAsync(from, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            await ReleaseAsync().ConfigureAwait(false);
            logger.HeartbeatFailed(e, Long);
        }
    }

    private bool IsInTime(long openFrom, DateTimeOffset lockedAt) => lockedAt - IdSource.TimeOf(openFrom) <= Latest && slot.HasCovered(openFrom);

    private async ValueTask HoldAsync(long from, CancellationToken cancellationToken)
    {
        if (heldFrom == from)
        {
            // Asked for its own sake: with a dead connection the lock has gone.
            await RunAsync("SELECT 1", cancellationToken).ConfigureAwait(false);
            return;
        }

        connection ??= await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var before = heldFrom;
        await RunAsync($"SELECT pg_advisory_lock_shared({(int)PostgresLock.OpenNumber}, {KeyOf(from)})", cancellationToken).ConfigureAwait(false);
        // What an older lock covered all the time is covered; otherwise it must not be too late.
        if (before <= from || IsInTime(from, clock.Now))
            Volatile.Write(ref heldFrom, from);
        if (before != long.MaxValue)
            await RunAsync($"SELECT pg_advisory_unlock_shared({(int)PostgresLock.OpenNumber}, {KeyOf(before)})", cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RunAsync(string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReleaseAsync()
    {
        Volatile.Write(ref heldFrom, long.MaxValue);
        if (Interlocked.Exchange(ref connection, null) is not { } held)
            return;
        await using var closing = held.ConfigureAwait(false);
        try
        {
            // Nobody resets a session that goes back to the pool.
            using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", held);
            await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            // The locks go with the connection.
        }
    }
}
