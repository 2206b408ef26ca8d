using System.Text;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>Keeps the OAuth provider's tokens in the node's store. Exchanging a token puts its subscription in force.</summary>
internal sealed class OmbTokens(IMicroblogStore store, GrantFinder grants, ISecretProtector protector, IOptions<OmbOptions> options)
    : StoredTokens(store, protector, RequestScope)
{
    /// <summary>The credentials' scope of request tokens.</summary>
    public const string RequestScope = "omb.request";

    /// <summary>The credentials' scope of access tokens.</summary>
    public const string AccessScope = "omb.access";

    protected override int RequestTokensPerConsumer => options.Value.RequestTokensPerConsumer;

    public override ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken)
    {
        var consumers = options.Value.Consumers;
        if (consumers.Count == 0)
            return new(OAuthConsumer.Open);
        if (consumers.TryGetValue(consumerKey, out var agreed))
            return new(agreed);
        // Whoever is turned away is so under every spelling of the address.
        var host = ConsumerKeys.HostOf(consumerKey);
        var refused = host.Length == 0 ? null
            : consumers.FirstOrDefault(c => c.Value.Refusal is not null && ConsumerKeys.HostOf(c.Key) == host).Value;
        return new(refused ?? OAuthConsumer.Open);
    }

    public override async ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken) =>
        (await grants.FindAsync(token, cancellationToken).ConfigureAwait(false))?.Access;

    protected override async ValueTask<ExchangeVerdict> IssueAsync(IStoreSession session, ExchangeVerdict.Issued verdict, CancellationToken cancellationToken) =>
        await PutInForceAsync(session, verdict.Access, cancellationToken).ConfigureAwait(false)
            ? verdict
            : new ExchangeVerdict.Refused(new OAuthRefusal(OAuthProblem.PermissionDenied, "the listener took it back before the exchange"), null);

    // A renewed subscription has one token in force, the new one: the other service may have lost the old.
    private async ValueTask<bool> PutInForceAsync(IStoreSession session, AccessToken access, CancellationToken cancellationToken)
    {
        if (!ConsentRecord.TryParse(access.GrantData, out var consent)
            || await session.Subscriptions.FindAsync(consent.Subscription, cancellationToken).ConfigureAwait(false) is not { } subscription
            || subscription.State == SubscriptionState.Ended)
            return false;
        await session.Credentials.RevokeAsync(subscription.Id, cancellationToken).ConfigureAwait(false);
        await session.Subscriptions.SaveAsync(subscription with { State = SubscriptionState.Active }, cancellationToken).ConfigureAwait(false);
        var credential = new Credential
        {
            Scope = AccessScope,
            Token = access.Credentials.Token,
            ProtectedSecret = Protector.Protect(Encoding.ASCII.GetBytes(access.Credentials.Secret)),
            Consumer = access.ConsumerKey,
            State = CredentialState.Active,
            Person = subscription.Subscriber,
            Subscription = subscription.Id,
        };
        return await session.Credentials.AddAsync(credential, int.MaxValue, cancellationToken).ConfigureAwait(false);
    }
}
