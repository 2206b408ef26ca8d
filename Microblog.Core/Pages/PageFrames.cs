using System.Security.Claims;
using Microblog.Http;
using Microblog.Identity;
using Microsoft.Extensions.Options;

namespace Microblog.Pages;

/// <summary>Finds out who looks, and makes the frame of a page.</summary>
public sealed class PageFrames(
    MicroblogNode node, IHostIdentity identity, ForgeryTokens tokens, NodeAddresses addresses, IOptions<MicroblogOptions> options)
{
    private readonly string siteName = options.Value.SiteName is { Length: > 0 } name ? name : addresses.Host;

    /// <summary>The frame for a request's user, <see langword="null"/> for nobody.</summary>
    public async ValueTask<PageFrame> ForAsync(ClaimsPrincipal? user, CancellationToken cancellationToken)
    {
        if (user is null || identity.Identify(user) is not { } person)
            return new PageFrame(siteName, addresses.PathBase, null);
        var profile = await node.FindProfileAsync(person.Subject, cancellationToken).ConfigureAwait(false);
        return new PageFrame(siteName, addresses.PathBase, new Viewer(person, profile, identity.IsOperator(user), tokens));
    }
}
