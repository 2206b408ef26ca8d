using System.Collections.Concurrent;
using System.Text;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>Finds the grant behind an access token.</summary>
/// <remarks>What is remembered here never changes, so no other process has to tell us anything: a token is never issued again.</remarks>
internal sealed class GrantFinder(IMicroblogStore store, ISecretProtector protector, NodeAddresses addresses, IOptions<MicroblogOptions> node)
{
    private const int MaxRemembered = 10_000;
    private readonly ConcurrentDictionary<string, Grant> remembered = new(StringComparer.Ordinal);

    /// <summary>The grant, or <see langword="null"/> when no such token was ever issued.</summary>
    public async ValueTask<Grant?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (remembered.TryGetValue(token, out var known))
            return known;
        var grant = await store.ReadAsync(Freshness.Latest, (session, ct) => ReadAsync(session, token, ct), cancellationToken).ConfigureAwait(false);
        if (grant is not null)
        {
            // Forgetting everything now and then is simpler than an order of use, and costs one read per token.
            if (remembered.Count >= MaxRemembered)
                remembered.Clear();
            remembered[token] = grant;
        }

        return grant;
    }

    private async ValueTask<Grant?> ReadAsync(IReadSession session, string token, CancellationToken cancellationToken)
    {
        if (await session.Credentials.FindAsync(OmbTokens.AccessScope, token, cancellationToken).ConfigureAwait(false) is not { } credential
            || await session.Subscriptions.FindAsync(credential.Subscription, cancellationToken).ConfigureAwait(false) is not { } subscription
            || await session.Profiles.FindAsync(subscription.Subscriber, cancellationToken).ConfigureAwait(false) is not { } listener
            || await session.Profiles.FindAsync(subscription.Publisher, cancellationToken).ConfigureAwait(false) is not { } author
            // Given while the operator trusted the host, and not trusted any more: it takes a new dance.
            || (author.Scope.IsNone && !node.Value.TrustedHosts.Contains(WebAddress.HostOf(author.Uri.Value)))
            || protector.Unprotect(credential.ProtectedSecret.Span) is not { } secret)
            return null;
        return new Grant
        {
            Access = new AccessToken
            {
                Credentials = new TokenCredentials(token, Encoding.ASCII.GetString(secret)),
                ConsumerKey = credential.Consumer,
            },
            Listener = subscription.Subscriber,
            Author = author.Id,
            Listenee = author.Uri,
            Scope = author.Scope,
            ListenerAddress = $"{listener.Nickname}@{addresses.Host}",
            ListenerInUrl = subscription.Subscriber.ToString(),
        };
    }
}
