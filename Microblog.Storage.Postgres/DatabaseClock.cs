using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The server's clock as seen from here, so that leases and numbers of several machines agree: the server was asked once, and
/// from then on the time that passes is measured, which no step of this machine's clock disturbs.</summary>
/// <remarks>A clock that is not the system's is taken as it is: tests and simulations make their own time.</remarks>
internal sealed class DatabaseClock(TimeProvider clock) : TimeProvider
{
    private const int FirstQuestions = 20;
    private const int Questions = 3;

    // How far two clocks run apart: 50 microseconds a second is a poor one.
    private const double Drift = 50e-6;

    private Reading? reading;

    public DateTimeOffset Now => Volatile.Read(ref reading) is { } known ? known.Time + clock.GetElapsedTime(known.Timestamp) : clock.GetUtcNow();

    public TimeProvider Local => clock;

    public override DateTimeOffset GetUtcNow() => Now;

    /// <summary>Asks the server. Called again now and then, for clocks drift.</summary>
    public async ValueTask ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (clock != TimeProvider.System)
            return;
        var questions = reading is null ? FirstQuestions : Questions;
        for (var i = 0; i < questions; i++)
        {
            using var command = new NpgsqlCommand("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", connection);
            var asked = clock.GetTimestamp();
            var microseconds = (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            Learn(DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds), asked);
        }
    }

    /// <summary>Takes the server's answer, which has just come.</summary>
    /// <param name="time">What its clock showed at some moment since it was asked.</param>
    /// <param name="asked">When it was asked, by the local clock's timestamp.</param>
    internal void Learn(DateTimeOffset time, long asked)
    {
        var answered = clock.GetTimestamp();
        var half = clock.GetElapsedTime(asked, answered) / 2;
        Keep(new Reading(time + half, answered, half));
    }

    // The quickest answer lies closest to the truth, so one of a quiet moment is kept while a busy machine gives worse ones. Otherwise two processes
    // could be so far apart that what somebody writes through the one has a lower number than what they wrote before through the other.
    private void Keep(Reading next)
    {
        if (reading is { } known)
        {
            var elapsed = clock.GetElapsedTime(known.Timestamp, next.Timestamp);
            var error = known.Error + (elapsed * Drift);
            // Further apart than both can be wrong: the server's clock was set.
            if (next.Error > error && (known.Time + elapsed - next.Time).Duration() <= error + next.Error)
                return;
        }

        Volatile.Write(ref reading, next);
    }

    /// <param name="Time">The server's time.</param>
    /// <param name="Timestamp">When it was that.</param>
    /// <param name="Error">By how much it may be wrong, either way.</param>
    private sealed record Reading(DateTimeOffset Time, long Timestamp, TimeSpan Error);
}
