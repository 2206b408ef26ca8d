using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>What a listener is asked to agree to.</summary>
internal sealed record Consent(ConsentRequest Request, AuthorizationRequest.Pending Pending, Profile Listener)
{
    /// <summary>The host that the consumer key names; the key itself when it names none.</summary>
    public string ConsumerHost => WebAddress.HostOf(Pending.Token.ConsumerKey) is { Length: > 0 } host ? host : Pending.Token.ConsumerKey;

    /// <summary>The host of the listenee's identifier; empty for identifiers without one.</summary>
    public string IdentifierHost => WebAddress.HostOf(Request.Listenee.Value);

    /// <summary>The host in <c>nick@host</c>: the identifier's; for other schemes the consumer key's.</summary>
    public string ListeneeHost => IdentifierHost.Length > 0 ? IdentifierHost : ConsumerHost;

    /// <summary>The host to which the browser goes afterwards; empty without a callback.</summary>
    public string CallbackHost => WebAddress.HostOf(Pending.Callback?.Text);

    /// <summary>Whether key, identifier and callback do not all lie on one host and port (OAUTH-44).</summary>
    public bool HostsDiffer => ListeneeHost != ConsumerHost || (CallbackHost.Length > 0 && CallbackHost != ConsumerHost);
}
