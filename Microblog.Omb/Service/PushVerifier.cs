using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Moderation;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>Checks a push (postNotice, updateProfile) in the order of oauth.md §7: parameters → consumer → token → timestamp →
/// signature, and, together with the effect, → still in force → nonce.</summary>
internal sealed class PushVerifier(OAuthProvider provider, GrantFinder grants, FederationGate gate, IOptions<OmbOptions> options)
{
    // Only one thing is 403: OMB reads it as "unsubscribed" (OMB-58, OAUTH-62).
    private static readonly OAuthRefusal Revoked = new(OAuthProblem.TokenRevoked, "the token is revoked or its listener gone");
    private static readonly OAuthRefusal NonceUsed = OAuthProvider.NonceUsed();

    /// <summary>Checks everything that needs no transaction.</summary>
    /// <returns>The accepted push, or the answer that refuses it.</returns>
    public async ValueTask<(Push? Push, NodeResponse? Refusal)> VerifyAsync(NodeRequest request, string operation, CancellationToken cancellationToken)
    {
        using var activity = MicroblogTelemetry.Activities.StartActivity("microblog.omb.verify");
        var verified = await provider.VerifyAsync(request, cancellationToken).ConfigureAwait(false);
        OmbMetrics.Verified(operation, verified is ProtectedRequest.Accepted);
        switch (verified)
        {
            case ProtectedRequest.Accepted accepted:
                // Remembered since the provider looked the token up, and never changing.
                var grant = await grants.FindAsync(accepted.Token.Credentials.Token, cancellationToken).ConfigureAwait(false);
                // A grant that was given before its service was blocked. The listenee may be of another host than the service.
                return await gate.IsOpenAsync(ConsumerKeys.HostOf(accepted.Token.ConsumerKey), cancellationToken).ConfigureAwait(false)
                    ? (new Push(accepted.Request, grant!, accepted.Nonce), null)
                    : (null, Refuse(Revoked, operation));
            case ProtectedRequest.Refused refused:
                return (null, Refuse(refused.Refusal, operation));
            case var other:
                throw new InvalidOperationException($"Unexpected {other.GetType().Name}.");
        }
    }

    /// <summary>Checks, inside the transaction of the pushes' effects, that each one's grant is in force and its nonce new.</summary>
    /// <returns>For each push the refusal, or <see langword="null"/> to go on.</returns>
    public static async ValueTask<OAuthRefusal?[]> ClaimAsync(IStoreSession session, IEnumerable<Push> pushes, CancellationToken cancellationToken)
    {
        // A 403 ends the subscription at the other side, so it must not come from a stale read. Whatever ends a subscription here
        // revokes its credentials in the same transaction. The nonce is remembered with the effect: a request that failed may be sent
        // again, one that succeeded may not (OAUTH-27).
        CredentialClaim[] claims = [.. pushes.Select(push => new CredentialClaim(push.Grant.Access.Credentials.Token, OmbNonces.Key(push.Nonce)))];
        var results = await session.Credentials.ClaimAsync(OmbTokens.AccessScope, claims, cancellationToken).ConfigureAwait(false);
        return [.. results.Select(static result => result switch
        {
            ClaimResult.Accepted => null,
            ClaimResult.NotInForce => Revoked,
            _ => NonceUsed,
        })];
    }

    /// <summary>Counts and answers a refusal by OAuth.</summary>
    public NodeResponse Refuse(OAuthRefusal refusal, string operation)
    {
        Note(refusal, operation);
        return refusal.ToResponse(options.Value.OAuth.Realm);
    }

    /// <summary>Counts a refusal by OAuth.</summary>
    public static void Note(OAuthRefusal refusal, string operation) => OmbMetrics.Refused(operation, refusal.Problem.ToString());

    /// <summary>Counts and answers a refusal by OMB.</summary>
    public static NodeResponse Refuse(Messages.OmbRefusal refusal, string operation)
    {
        OmbMetrics.Refused(operation, refusal.Reason.ToString());
        return refusal.ToResponse();
    }
}

/// <summary>A push whose signature holds.</summary>
internal sealed record Push(SignedRequest Request, Grant Grant, OAuthNonce? Nonce);
