using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The server's clock as seen from here, so that leases and numbers of several machines agree: the server was asked once, and
/// from then on the time that passes is measured, which no step of this machine's clock disturbs.</summary>
/// <remarks>A clock that is not the system's is taken as it is: tests and simulations make their own time.</remarks>
internal sealed class DatabaseClock(TimeProvider clock)
{
    private Reading? reading;

    public DateTimeOffset Now => Volatile.Read(ref reading) is { } known ? known.Time + clock.GetElapsedTime(known.Timestamp) : clock.GetUtcNow();

    public TimeProvider Local => clock;

    /// <summary>Asks the server. Called again now and then, for clocks drift.</summary>
    public async ValueTask ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (clock != TimeProvider.System)
            return;
        Reading? best = null;
        var shortest = TimeSpan.MaxValue;
        // The quickest of a few answers lies closest to the truth.
        for (var i = 0; i < 3; i++)
        {
            using var command = new NpgsqlCommand("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", connection);
            var sent = clock.GetTimestamp();
            var microseconds = (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            var took = clock.GetElapsedTime(sent);
            if (took >= shortest)
                continue;
            shortest = took;
            best = new Reading(DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds) + took / 2, clock.GetTimestamp());
        }

        Volatile.Write(ref reading, best);
    }

    private sealed record Reading(DateTimeOffset Time, long Timestamp);
}
