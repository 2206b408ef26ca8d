using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>What a listener is asked to agree to.</summary>
internal sealed record Consent(ConsentRequest Request, AuthorizationRequest.Pending Pending, Profile Listener)
{
    /// <summary>The host that the consumer key names; empty when it names none.</summary>
    public string ConsumerHost => ConsumerKeys.HostOf(Pending.Token.ConsumerKey);

    /// <summary>The host of the listenee's identifier; empty for identifiers without one.</summary>
    public string IdentifierHost => WebAddress.HostOf(Request.Listenee.Value);

    /// <summary>The host in <c>nick@host</c>: the identifier's; for other schemes the consumer key's. Free text never stands there,
    /// for it could look like this very site.</summary>
    public string ListeneeHost => IdentifierHost.Length > 0 ? IdentifierHost : ConsumerHost.Length > 0 ? ConsumerHost : "unknown-server";

    /// <summary>The host to which the browser goes afterwards; empty without a callback.</summary>
    public string CallbackHost => WebAddress.HostOf(Pending.Callback?.Text);

    /// <summary>Whether whoever finishes the dance need not be whoever comes back to the callback: OAuth 1.0 has no verifier, and
    /// without a callback the person carries it to wherever they were told to (oauth.md §8).</summary>
    public bool CannotTellWhoBegan => !Pending.Token.Is10a || Pending.Callback is null;

    /// <summary>Whether key, identifier and callback do not all lie on one host and port (OAUTH-44).</summary>
    public bool HostsDiffer => ListeneeHost != ConsumerHost || (CallbackHost.Length > 0 && CallbackHost != ConsumerHost);
}
