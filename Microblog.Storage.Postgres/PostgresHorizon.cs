using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The horizon over all processes: every number below it is visible to readers or never will be.</summary>
internal sealed class PostgresHorizon(NpgsqlDataSource source, WriterSlot slot, DatabaseClock clock, TimeSpan maxAge)
{
    private Reading? known;

    /// <summary>The horizon, not older than the oldest that is good enough. Ask before taking a snapshot.</summary>
    /// <remarks>One that is old is only lower, so nothing is missed; it is shown a little later.</remarks>
    public async ValueTask<long> GetAsync(CancellationToken cancellationToken)
    {
        // Our own open numbers are known without asking, and may not be as old.
        var own = slot.Ids.Horizon;
        if (Volatile.Read(ref known) is { } reading && clock.Local.GetElapsedTime(reading.At) < maxAge)
            return Math.Min(own, reading.Horizon);
        var at = clock.Local.GetTimestamp();
        var horizon = await ReadAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref known, new Reading(horizon, at));
        return Math.Min(own, horizon);
    }

    private async ValueTask<long> ReadAsync(CancellationToken cancellationToken)
    {
        var (last, now) = (slot.Ids.Last, clock.Now);
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        using var command = new NpgsqlCommand(
            """
            SELECT (SELECT count(*) FROM microblog.writer WHERE until > $1 AND holder <> $2),
                (SELECT array_agg(DISTINCT l.objid::bigint) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = $3::oid
                    AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """,
            connection)
        {
            Parameters = { new() { Value = now.ToUnixTimeMilliseconds() }, new() { Value = slot.Holder }, new() { Value = (int)PostgresLock.OpenNumber } },
        };
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        // Alone: whoever takes a slot from now on draws higher numbers.
        var horizon = reader.GetInt64(0) > 0 ? IdSource.LowestAt(now - OpenNumbers.Grace) : Math.Max(last + 1, IdSource.LowestAt(now));
        if (!await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false))
        {
            foreach (var key in reader.GetFieldValue<long[]>(1))
                horizon = Math.Min(horizon, IdSource.LowestAt(Moment(unchecked((int)key), now)));
        }

        return horizon;
    }

    // The keys have the low 32 bits only; what they leave out is known from the clock.
    private static DateTimeOffset Moment(int key, DateTimeOffset now)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds - unchecked((int)milliseconds - key));
    }

    private sealed record Reading(long Horizon, long At);
}
