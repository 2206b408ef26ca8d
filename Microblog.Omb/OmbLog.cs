using Microsoft.Extensions.Logging;

namespace Microblog.Omb;

/// <summary>The log messages of this room. Event ids 2000 to 2999 are its own and are never reused. Tokens, secrets and bodies never appear.</summary>
internal static partial class OmbLog
{
    // 2101 and 2102 were refusals, which Core logs now, for every room, with their reference.

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "{Publisher} has a new subscriber {Listener} at {Endpoint}")]
    public static partial void Subscribed(this ILogger logger, string publisher, string listener, string endpoint);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information, Message = "Could not subscribe {Target}: {Detail}")]
    public static partial void SubscribeFailed(this ILogger logger, string target, string detail);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "{Endpoint} answered {Status}; subscription {Subscription} is over")]
    public static partial void SubscriptionEnded(this ILogger logger, string endpoint, int status, SubscriptionId subscription);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Information, Message = "{Endpoint} took the push without naming the version")]
    public static partial void AnsweredWithoutVersion(this ILogger logger, string endpoint);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Information, Message = "{Endpoint} moved to {NewEndpoint}")]
    public static partial void EndpointMoved(this ILogger logger, string endpoint, string newEndpoint);

    [LoggerMessage(EventId = 2401, Level = LogLevel.Debug, Message = "Nothing recovered from {Url}: {Detail}")]
    public static partial void OriginNotRecovered(this ILogger logger, string url, string detail);
}
