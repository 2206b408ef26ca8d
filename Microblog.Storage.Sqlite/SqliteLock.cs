using System.Diagnostics;

namespace Microblog.Storage.Sqlite;

/// <summary>Waits politely for a lock that another connection has.</summary>
/// <remarks>Not by <c>busy_timeout</c>, whose handler in the pinned native library sleeps a second at a time, and in real time:
/// the clock that is injected may stand still while another process holds the lock.</remarks>
internal static class SqliteLock
{
    private const int LongestPause = 8;

    /// <returns>False when the time is up.</returns>
    public static bool TryRun(SqliteDatabase database, string sql, TimeSpan timeout)
    {
        if (database.TryRun(sql))
            return true;
        var started = Stopwatch.GetTimestamp();
        using var never = new ManualResetEventSlim();
        for (var pause = 1; Stopwatch.GetElapsedTime(started) < timeout; pause = Math.Min(pause * 2, LongestPause))
        {
            never.Wait(pause);
            if (database.TryRun(sql))
                return true;
        }

        return false;
    }

    /// <exception cref="StoreException">The time is up; transient.</exception>
    public static void Run(SqliteDatabase database, string sql, TimeSpan timeout)
    {
        if (!TryRun(database, sql, timeout))
            throw new StoreException($"Another connection has kept the database locked for more than {timeout}.") { IsTransient = true };
    }
}
