using Microsoft.Extensions.Logging;

namespace Microblog.Storage.Postgres;

internal static partial class PostgresLog
{
    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Opened the database {Database} (schema version {Version}) as writer {Slot}")]
    public static partial void Opened(this ILogger logger, string database, int version, int slot);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Information, Message = "Upgraded the schema of {Database} from version {From} to {To}")]
    public static partial void Upgraded(this ILogger logger, string database, int from, int to);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Information, Message = "Upgrading the schema of {Database} from version {From} to {To}")]
    public static partial void Upgrading(this ILogger logger, string database, int from, int to);

    [LoggerMessage(EventId = 6004, Level = LogLevel.Warning, Message = "A heartbeat to PostgreSQL failed; the next one is in {Delay}")]
    public static partial void HeartbeatFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(EventId = 6005, Level = LogLevel.Warning, Message = "This process lost writer slot {Slot} to another one and writes as {NewSlot} now")]
    public static partial void SlotLost(this ILogger logger, int slot, int newSlot);

    [LoggerMessage(EventId = 6006, Level = LogLevel.Warning, Message = "Listening to PostgreSQL failed; until it works again, workers look at the queue by themselves")]
    public static partial void ListeningFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 6007, Level = LogLevel.Information, Message = "Listening to PostgreSQL again")]
    public static partial void ListeningAgain(this ILogger logger);

    [LoggerMessage(EventId = 6008, Level = LogLevel.Warning, Message = "The replica cannot be reached; the primary answers for it")]
    public static partial void ReplicaFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 6009, Level = LogLevel.Debug, Message = "A transaction met another one and runs again ({Attempt})")]
    public static partial void RunsAgain(this ILogger logger, Exception exception, int attempt);
}
