using Microsoft.Extensions.Logging;

namespace Microblog.AspNetCore.Hosting;

/// <summary>The log messages of this room. Event ids 3000 to 3999 are AspNetCore's and are never reused.</summary>
internal static partial class WebLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Debug, Message = "{Method} {Template} answered {Status}")]
    public static partial void Answered(this ILogger logger, string method, string template, int status);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning,
        Message = "MicroblogOptions.BaseUri is not set. In Development the node takes {BaseUri}, where this application listens; set BaseUri to its public address")]
    public static partial void BaseUriGuessed(this ILogger logger, Uri baseUri);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error,
        Message = "A page needs somebody to sign in, but the application has no default challenge scheme. Add authentication (AddAuthentication().AddCookie(), for example)")]
    public static partial void NoChallengeScheme(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Too many requests of class {Rate}")]
    public static partial void RateLimited(this ILogger logger, Http.RateClass rate);
}
