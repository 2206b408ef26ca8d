using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>How the store connects: what the host's connection string leaves open, and what is needed for its promises.</summary>
internal static class PostgresConnections
{
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public static void Validate(PostgresStoreOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.ConnectionString, nameof(options));
        Check(options.StatementTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(options.StatementTimeout));
        Check(options.IdleTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(options.IdleTimeout));
        Check(options.Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), nameof(options.Heartbeat));
        ArgumentOutOfRangeException.ThrowIfNegative(options.HashPartitions, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HashPartitions, 256, nameof(options));
    }

    public static NpgsqlDataSource Create(string connectionString, PostgresStoreOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        // ContainsKey would say which settings there are, not which the host has made.
        if (!settings.ShouldSerialize("Maximum Pool Size"))
            settings.MaxPoolSize = 30;
        if (!settings.ShouldSerialize("Max Auto Prepare"))
            settings.MaxAutoPrepare = 200;
        // The server ends a statement; here only when nothing more is heard of it.
        if (!settings.ShouldSerialize("Command Timeout"))
            settings.CommandTimeout = Math.Max(30, (int)Math.Ceiling(options.StatementTimeout.TotalSeconds)) + 5;
        settings.ApplicationName ??= "microblog";
        // Ours come last and win, but for jit, which the host may want for its own statements: ours look at a few rows each, so
        // that compiling one never pays. What is acknowledged is on the disk, whatever the server's default says.
        settings.Options = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"-c jit=off {settings.Options} -c synchronous_commit=on -c statement_timeout={(long)options.StatementTimeout.TotalMilliseconds} -c lock_timeout={(long)options.StatementTimeout.TotalMilliseconds / 2}").Trim();
        // The store leaves nothing behind in a session, and the seven statements that reset one cost the server as much as a push.
        settings.NoResetOnClose = true;
        return NpgsqlDataSource.Create(settings);
    }

    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} has to lie between {least} and {most}.");
    }
}
