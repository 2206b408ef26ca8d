using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The horizon over all processes: every number below it is visible to readers or never will be.</summary>
internal sealed class PostgresHorizon(NpgsqlDataSource source, WriterSlot slot, DatabaseClock clock, TimeSpan maxAge)
{
    // A minute of them: a replica that is further behind is told to begin anew.
    private const int MaxReadings = 240;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);

    private readonly Queue<Reading> readings = new();
    private Reading? known;

    /// <summary>The horizon, not older than the oldest that is good enough. Ask before taking a snapshot.</summary>
    /// <remarks>One that is old is only lower, so nothing is missed; it is shown a little later.</remarks>
    public async ValueTask<long> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref known) is { } reading && clock.Local.GetElapsedTime(reading.At) < maxAge)
            return reading.Horizon;
        reading = await ReadAsync(cancellationToken).ConfigureAwait(false);
        Keep(reading);
        return reading.Horizon;
    }

    /// <summary>The newest horizon below which a replica has replayed everything; 0 when it is too far behind to tell.</summary>
    /// <param name="connection">To the replica, before its snapshot is taken.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    public async ValueTask<long> GetReplayedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken).ConfigureAwait(false);
        using var command = new NpgsqlCommand(
            "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END - '0/0'::pg_lsn)::bigint", connection);
        var replayed = (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        lock (readings)
            return readings.Where(reading => reading.Written <= replayed).Select(reading => reading.Horizon).DefaultIfEmpty().Max();
    }

    private void Keep(Reading reading)
    {
        lock (readings)
        {
            if (readings.Count == 0 || clock.Local.GetElapsedTime(readings.Last().At, reading.At) >= Spacing)
                readings.Enqueue(reading);
            if (readings.Count > MaxReadings)
                readings.Dequeue();
        }

        Volatile.Write(ref known, reading);
    }

    private async ValueTask<Reading> ReadAsync(CancellationToken cancellationToken)
    {
        var at = clock.Local.GetTimestamp();
        var (now, own) = (clock.Now, ReadOwn());
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        using var command = new NpgsqlCommand(
            """
            SELECT (SELECT count(*) FROM microblog.writer WHERE until > $1 AND holder <> $2),
                (SELECT array_agg(DISTINCT l.objid::bigint) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = $3::oid
                    AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())),
                (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
            """,
            connection)
        {
            Parameters = { new() { Value = (now - OpenNumbers.Grace).ToUnixTimeMilliseconds() }, new() { Value = slot.Holder }, new() { Value = (int)PostgresLock.OpenNumber } },
        };
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        // Alone: whoever takes a slot from now on draws higher numbers.
        var horizon = reader.GetInt64(0) > 0 ? Math.Min(own, IdSource.FirstAt(now - OpenNumbers.Grace)) : own;
        if (!await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false))
        {
            foreach (var key in reader.GetFieldValue<long[]>(1))
                horizon = Math.Min(horizon, IdSource.FirstAt(Moment(unchecked((int)key), now)));
        }

        return new Reading(horizon, at, reader.GetInt64(2));
    }

    // What this process draws from now on lies above the mark, and what it drew before is closed, or open and seen here.
    private long ReadOwn()
    {
        using var mark = slot.Ids.Draw();
        return slot.OpenFrom;
    }

    // The keys have the low 32 bits only; what they leave out is known from the clock.
    private static DateTimeOffset Moment(int key, DateTimeOffset now)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds - unchecked((int)milliseconds - key));
    }

    /// <param name="Horizon">As it was then.</param>
    /// <param name="At">A timestamp from before it was read.</param>
    /// <param name="Written">How far the server's log had been written by then: all below the horizon stands before it.</param>
    private sealed record Reading(long Horizon, long At, long Written);
}
