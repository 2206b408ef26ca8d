using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>What the server's errors mean to a caller of the store.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether the server, or the way to it, failed, and not our code.</summary>
    public static bool IsFailure(Exception exception) => exception is NpgsqlException or TimeoutException or IOException;

    /// <summary>Whether the work may succeed when it is run again at once: it met another transaction.</summary>
    /// <remarks>A broken constraint too: whoever ran into it did not see the row that is there now.</remarks>
    public static bool IsConflict(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
        or PostgresErrorCodes.UniqueViolation;

    /// <summary>What begin_writing raises when another process has this one's writer slot.</summary>
    public const string SlotLost = "MB001";

    /// <summary>Whether the connection is gone, so that nothing is known of what was sent last.</summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        PostgresException server => server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow or "57P05" || server.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException => true,
        _ => exception is IOException or TimeoutException,
    };

    /// <summary>The exception for the caller, with what to do.</summary>
    public static StoreException Describe(Exception exception, bool isOutcomeUnknown = false) =>
        new(Message(exception, isOutcomeUnknown), exception)
        {
            IsTransient = !isOutcomeUnknown && IsTransient(exception),
            IsOutcomeUnknown = isOutcomeUnknown,
        };

    private static bool IsTransient(Exception exception) => exception is PostgresException server
        ? server.IsTransient || IsConflict(server) || IsConnectionLost(server) || server.SqlState is PostgresErrorCodes.QueryCanceled or SlotLost
        : IsConnectionLost(exception);

    private static string Message(Exception exception, bool isOutcomeUnknown)
    {
        if (isOutcomeUnknown)
            return "The connection to PostgreSQL broke while a transaction was being committed: whether it was is not known.";
        if (exception is NpgsqlException { InnerException: TimeoutException } && exception.Message.Contains("pool", StringComparison.Ordinal))
            return "All connections of this process to PostgreSQL are busy: raise Maximum Pool Size, or look what makes transactions slow. " + exception.Message;
        if (exception is not PostgresException server)
            return "PostgreSQL cannot be reached. Is it running, and are host and port right? " + exception.Message;
        return server.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "PostgreSQL refuses this user or password. " + server.MessageText,
            PostgresErrorCodes.InvalidCatalogName => "This PostgreSQL server has no such database; create it first. " + server.MessageText,
            PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InsufficientResources =>
                "The PostgreSQL server takes no more connections: raise its max_connections, or lower Maximum Pool Size here. " + server.MessageText,
            PostgresErrorCodes.DiskFull => "The PostgreSQL server's disk is full: nothing was stored. " + server.MessageText,
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                "This PostgreSQL server is read-only, such as a standby: name the primary in the connection string. " + server.MessageText,
            PostgresErrorCodes.InsufficientPrivilege => "PostgreSQL forbids this user what the store needs. " + server.MessageText,
            PostgresErrorCodes.QueryCanceled => "PostgreSQL took longer than the statement time-out allows, and nothing was stored. " + server.MessageText,
            SlotLost => "This process was away so long that another one has its writer slot; it takes a new one. Try again. " + server.MessageText,
            PostgresErrorCodes.InFailedSqlTransaction =>
                "A statement of this transaction failed before, so PostgreSQL does nothing more in it: roll it back. " + server.MessageText,
            PostgresErrorCodes.UniqueViolation => "A number or an identifier is taken. " + server.MessageText,
            _ => "PostgreSQL failed. " + server.MessageText,
        };
    }
}
