using Microsoft.Extensions.Logging;

namespace Microblog.Storage.Sqlite;

internal static partial class SqliteLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Opened {Path} (schema version {Version})")]
    public static partial void Opened(this ILogger logger, string path, int version);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Information, Message = "Upgrading the schema of {Path} from version {From} to {To}")]
    public static partial void Upgrading(this ILogger logger, string path, int from, int to);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "Upgraded the schema of {Path} from version {From} to {To}")]
    public static partial void Upgraded(this ILogger logger, string path, int from, int to);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning,
        Message = "LoseLastWritesOnPowerCut is set: acknowledged writes may be lost when the power fails")]
    public static partial void DurabilityWeakened(this ILogger logger);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Error, Message = "A commit of {Callers} callers failed")]
    public static partial void CommitFailed(this ILogger logger, Exception exception, int callers);
}
