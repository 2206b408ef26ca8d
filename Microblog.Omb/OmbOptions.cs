using Microblog.Omb.OAuth;

namespace Microblog.Omb;

/// <summary>How the node speaks OpenMicroBlogging. Checked once at start-up; each message names the remedy.</summary>
public sealed class OmbOptions
{
    /// <summary>What the node accepts as an OAuth provider: clock tolerance, signature methods, whether OAuth 1.0 without callback is taken.</summary>
    /// <remarks>An empty realm becomes the node's root URL (OAUTH-60).</remarks>
    public OAuthOptions OAuth { get; } = new();

    /// <summary>Services with which more was agreed than OMB prescribes, by their consumer key: another secret, an RSA key, or that they are turned away.</summary>
    /// <value>Default: none; every key is accepted with the empty secret. For a key in here the empty secret no longer works (OAUTH-31).</value>
    public IDictionary<string, OAuthConsumer> Consumers { get; } = new Dictionary<string, OAuthConsumer>(StringComparer.Ordinal);

    /// <summary>The secret that other services have agreed to for our own consumer key, the node's root URL.</summary>
    /// <value>Default: empty, as OMB prescribes (OMB-113).</value>
    public string OwnSecret { get; set; } = "";

    /// <summary>Whether people under any licence may be heard here.</summary>
    /// <value>Default: no; a licence has to fit the site's as <see cref="License.IsCompatibleWith"/> says (OMB-37).</value>
    public bool AcceptAnyLicense { get; set; }

    /// <summary>Whether a callback that lies on another host than the consumer key may be approved, after the page has named both.</summary>
    /// <value>Default: no; such a request is refused (OAUTH-36).</value>
    public bool AcceptCallbacksOnOtherHosts { get; set; }

    /// <summary>Request tokens that may be kept for one consumer key from one address; they are kept for an hour after their end.</summary>
    /// <value>Default 500; 1 to 100,000. Anybody may ask in the name of any key: this bounds what a flood can store, and the address keeps the flood
    /// from using up the room of the service that the key really belongs to.</value>
    public int RequestTokensPerConsumer { get; set; } = 500;

    /// <summary>Waiting look-ups of notices' origins at one host; further ones are left out (OMB-67).</summary>
    /// <value>Default 100; up to 100,000; 0 for no look-ups.</value>
    public int OriginLookupsPerHost { get; set; } = 100;
}
