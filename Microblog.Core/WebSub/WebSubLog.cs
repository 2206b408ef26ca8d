using Microsoft.Extensions.Logging;

namespace Microblog.WebSub;

internal static partial class WebSubLog
{
    [LoggerMessage(EventId = 1601, Level = LogLevel.Information, Message = "A request to {Mode} to {Topic} was not confirmed by the callback at {Host}")]
    public static partial void IntentNotConfirmed(this ILogger logger, string mode, string topic, string host);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Information, Message = "{Topic} is not sent to {Host} any more: {Reason}")]
    public static partial void SubscriptionEnded(this ILogger logger, string topic, string host, string reason);

    [LoggerMessage(EventId = 1603, Level = LogLevel.Error, Message = "Looking for what is new in feeds failed and goes on in {Delay}")]
    public static partial void HubFailed(this ILogger logger, Exception exception, TimeSpan delay);
}
