using Microsoft.Extensions.Logging;

namespace Microblog.Remote;

internal static partial class RemoteLog
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning,
        Message = "RemoteOptions.AllowRequestsToLoopbackAddresses is on: anybody can make this node send requests to services on this machine. Leave it off in production.")]
    public static partial void LoopbackIsOpen(this ILogger logger);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning,
        Message = "RemoteOptions.AllowRequestsToPrivateNetworks is on: anybody can make this node send requests into your private networks. Leave it off unless the federation is inside one network.")]
    public static partial void PrivateNetworksAreOpen(this ILogger logger);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Information, Message = "No answer from {Host}: {Reason} ({Detail})")]
    public static partial void NoAnswer(this ILogger logger, string host, RemoteFailure reason, string detail);
}
