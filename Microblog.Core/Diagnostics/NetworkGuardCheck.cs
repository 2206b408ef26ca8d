using Microblog.Remote;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.Diagnostics;

/// <summary>Says when strangers' addresses may lead into this machine or its networks. In Development that is as it should be.</summary>
internal sealed class NetworkGuardCheck(IOptions<RemoteOptions> options, IHostEnvironment? environment = null) : INodeCheck
{
    public string Name => "closed networks";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var open = new List<string>();
        if (options.Value.AllowRequestsToLoopbackAddresses)
            open.Add(nameof(RemoteOptions.AllowRequestsToLoopbackAddresses));
        if (options.Value.AllowRequestsToPrivateNetworks)
            open.Add(nameof(RemoteOptions.AllowRequestsToPrivateNetworks));
        return new(open.Count == 0
            ? new Finding(Severity.Good, "Strangers' addresses lead neither into this machine nor into private networks.")
            : new Finding(
                environment?.IsDevelopment() == true ? Severity.Good : Severity.Warning,
                $"{string.Join(" and ", open)} of RemoteOptions: anybody can make this node send requests there. Right for development; turn it off in production."));
    }
}
