using System.Text;
using Microblog.Omb.OAuth;
using Microblog.Remote;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Remote;

/// <summary>Posts signed forms to other services: everything in the body (OAUTH-50), a fresh stamp each time (OAUTH-25), no redirect followed (OMB-136).</summary>
internal sealed class SignedPoster(RemoteClient client, NodeAddresses addresses, TimeProvider clock, IOptions<OmbOptions> options)
{
    // Old services wait five seconds for us (Q17). Whoever needs much longer is failing, and delivered to in slots of its own.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(8);

    // The consumer key is our root URL; its secret is empty unless agreed otherwise (OMB-113).
    private readonly OAuthSigner signer = new(addresses.Root, options.Value.OwnSecret);

    /// <summary>Signs and sends.</summary>
    /// <param name="url">The endpoint, its own query included.</param>
    /// <param name="fields">All other parameters.</param>
    /// <param name="token">The token in use, or none.</param>
    /// <param name="at">The time to stamp it with, where the peer's clock is known to differ; otherwise ours.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask<RemoteResult> PostAsync(
        string url, IEnumerable<KeyValuePair<string, string>> fields, TokenCredentials? token, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        var call = signer.Sign("POST", new Uri(url), fields, token, RequestStamp.Fresh(at ?? clock.GetUtcNow()));
        return client.SendAsync(
            RemoteRequest.PostForm(call.Url, Encoding.ASCII.GetBytes(call.Form)) with { Timeout = TimeLimit }, cancellationToken);
    }

    /// <summary>An address that the visitor's browser is sent to, with the parameters in its query. Signed as well, for early peers demand it (Q49).</summary>
    public string SignedAddress(string url, IEnumerable<KeyValuePair<string, string>> fields, TokenCredentials token) =>
        signer.Sign("GET", new Uri(url), fields, token, RequestStamp.Fresh(clock.GetUtcNow()), OAuthPlacement.Query).Url.AbsoluteUri;
}
