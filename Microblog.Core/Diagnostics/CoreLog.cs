using Microsoft.Extensions.Logging;

namespace Microblog.Diagnostics;

/// <summary>The log messages of this room. Event ids 1000 to 1999 are Core's and are never reused.</summary>
internal static partial class CoreLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Failed to answer {Method} {Template} ({Reference})")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string template, string reference);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "The node answers at {BaseUri}")]
    public static partial void NodeStarted(this ILogger logger, Uri baseUri);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "The node moved from {FormerBaseUri}; its old addresses stay its own")]
    public static partial void NodeMoved(this ILogger logger, Uri formerBaseUri);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information,
        Message = "Refused {Route} with {Status}: {Reason} ({Detail}). From {Sender} at {Address}. Reference {Reference}")]
    public static partial void RequestRefused(
        this ILogger logger, string route, int status, string reason, string detail, string sender, string address, string reference);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Error, Message = "The check of {Name} failed")]
    public static partial void CheckFailed(this ILogger logger, Exception exception, string name);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Failed to send to {Endpoint} of {Destination}")]
    public static partial void SendFailed(this ILogger logger, Exception exception, string endpoint, string destination);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Information, Message = "Delivery {Event} to {Endpoint} waits until {RetryAt}: {Reason}")]
    public static partial void DeliveryWaits(this ILogger logger, long @event, string endpoint, DateTimeOffset retryAt, string reason);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "Delivery {Event} to {Endpoint} was given up: {Reason}")]
    public static partial void DeliveryGivenUp(this ILogger logger, long @event, string endpoint, string reason);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Error, Message = "The delivery worker failed and goes on in {Delay}")]
    public static partial void WorkerFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(EventId = 1105, Level = LogLevel.Information, Message = "Nobody listens at {Endpoint} any more: {Reason}")]
    public static partial void LaneGone(this ILogger logger, string endpoint, string reason);

    [LoggerMessage(EventId = 1106, Level = LogLevel.Error, Message = "{Observer} could not be told that delivery {Event} was given up")]
    public static partial void ObserverFailed(this ILogger logger, Exception exception, string observer, long @event);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "Removed {Uploads} uploads that no notice took, and the bytes of {Blobs} pictures that nothing names")]
    public static partial void AttachmentsSwept(this ILogger logger, int uploads, int blobs);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Error, Message = "Reading for live streams failed and goes on in {Delay}")]
    public static partial void LiveFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Error, Message = "Sweeping attachments failed and begins anew in {Delay}")]
    public static partial void SweepFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(EventId = 1401, Level = LogLevel.Error, Message = "Search could not take up what is new and goes on in {Delay}")]
    public static partial void SearchFailed(this ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Information, Message = "Search takes up the notices from before the upgrade, newest first, and has come to {Moment}")]
    public static partial void SearchTakesUpOld(this ILogger logger, DateTimeOffset moment);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Information, Message = "Search has taken up all notices from before the upgrade")]
    public static partial void SearchComplete(this ILogger logger);
}
