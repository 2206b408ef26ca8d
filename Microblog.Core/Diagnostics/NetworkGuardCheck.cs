using Microblog.Remote;
using Microsoft.Extensions.Options;

namespace Microblog.Diagnostics;

/// <summary>Says when strangers' addresses may lead into this machine or its networks.</summary>
internal sealed class NetworkGuardCheck(IOptions<RemoteOptions> options) : INodeCheck
{
    public string Name => "closed networks";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        string[] open =
        [
            .. options.Value.AllowRequestsToLoopbackAddresses ? [nameof(RemoteOptions.AllowRequestsToLoopbackAddresses)] : Array.Empty<string>(),
            .. options.Value.AllowRequestsToPrivateNetworks ? [nameof(RemoteOptions.AllowRequestsToPrivateNetworks)] : Array.Empty<string>(),
        ];
        return new(open.Length == 0
            ? new Finding(Severity.Good, "Strangers' addresses lead neither into this machine nor into private networks.")
            : new Finding(
                Severity.Warning,
                $"{string.Join(" and ", open)} of RemoteOptions: anybody can make this node send requests there. Right for development; turn it off in production."));
    }
}
