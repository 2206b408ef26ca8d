using Microblog.Diagnostics;
using Microsoft.Extensions.Options;

namespace Microblog.Omb;

/// <summary>Says which checks of the protocol the operator has weakened.</summary>
internal sealed class OmbSettingsCheck(IOptions<OmbOptions> options) : INodeCheck
{
    public string Name => "OpenMicroBlogging settings";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var weak = new List<string>();
        if (settings.OAuth.AcceptPlaintextWithoutTls)
            weak.Add("OAuth.AcceptPlaintextWithoutTls lets secrets travel unencrypted.");
        if (settings.AcceptCallbacksOnOtherHosts)
            weak.Add("AcceptCallbacksOnOtherHosts lets a service send people's consent to a host that is not its own.");
        return new(weak.Count > 0
            ? new Finding(Severity.Warning, $"{string.Join(' ', weak)} Turn it off in OmbOptions unless you know why it is on.")
            : new Finding(Severity.Good, settings.OAuth.AcceptOAuth10
                ? "OAuth 1.0 is accepted beside 1.0a, since most services of that time know nothing else; consent pages say so."
                : "Only OAuth 1.0a is accepted; services of the time of StatusNet and Laconica cannot subscribe anybody here."));
    }
}
