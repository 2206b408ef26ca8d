using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>From the request token to the access token (6, and 8.4 of OAuth).</summary>
internal static class ExchangeChecks
{
    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OAUTH-33", "By OAuth 1.0a, send a verifier to the callback, and demand that very one.", async (target, ct) =>
        {
            var back = target.Callback.Value;
            Expect.That(back.QueryFields.Value("oauth_verifier").Length > 0, "oauth_verifier at the callback", back.Exchange);
            var reply = await TryAsync(target, "OAUTH-33", target.Exchange(target.RequestToken.Value, "wrong"), ct).ConfigureAwait(false);
            reply.Status(401);
        }),
        new("OAUTH-35", "Refuse the exchange with 401 when a token asked for with oauth_callback comes without oauth_verifier.", async (target, ct) =>
        {
            target.Callback.Require();
            (await TryAsync(target, "OAUTH-35", target.Exchange(target.RequestToken.Value, null), ct).ConfigureAwait(false)).Status(401);
        }),
        new("OMB-24", "Bind the request token to the consumer key that asked for it.", async (target, ct) =>
        {
            var call = target.Exchange(target.RequestToken.Value, Verifier(target)) with { Key = "https://thief.example/" };
            (await TryAsync(target, "OMB-24", call, ct).ConfigureAwait(false)).Status(401);
        }) { Part = "to its consumer" },
        new("OAUTH-38", "Exchange a request token once, and only after the person agreed.", async (target, ct) =>
        {
            var (request, verifier) = (target.RequestToken.Value, Verifier(target));
            // The token was given out to an exchange that should have been refused, and is used.
            if (target.EarlyGrantBy is { } culprit)
                throw new BlockedException(culprit);
            var reply = await target.SendAsync(target.Exchange(request, verifier), ct).ConfigureAwait(false);
            reply.Status(200);
            Expect.That(Take(target, reply), "oauth_token and oauth_token_secret", reply.Exchange);
            Expect.That(target.Early?.Status == 401, $"401 to the exchange before anybody agreed, and it was {target.Early}", target.Early is null ? [] : [target.Early.Exchange]);
            (await target.SendAsync(target.Exchange(request, verifier), ct).ConfigureAwait(false)).Status(401);
        }),
        new("OAUTH-34", "By OAuth 1.0, take the callback from the authorization request and demand no verifier.", async (target, ct) =>
        {
            var callback = target.Site.NewCallback();
            var token = await target.GetRequestTokenAsync(null, ct).ConfigureAwait(false);
            var fields = target.Authorization(token, target.Bert, callback.Address);
            var back = await target.DecideAsync(target.Options.Allow, "--allow-button, --allow-command or --ask", fields, callback, ct).ConfigureAwait(false);
            Expect.That(back is not null, $"the browser to come back to {callback.Address}");
            var reply = await target.SendAsync(target.Exchange(token, null), ct).ConfigureAwait(false);
            reply.Status(200);
            var access = new Token(reply.Form("oauth_token"), reply.Form("oauth_token_secret"));
            Expect.That(access is { Value.Length: > 0, Secret.Length: > 0 }, "oauth_token and oauth_token_secret", reply.Exchange);
            target.OldGrant.Value = new Grant(access, target.Bert, token);
        }),
        new("OAUTH-39", "Take a token only as its kind: an access token cannot be exchanged, a request token cannot post.", async (target, ct) =>
        {
            var grant = target.Grant.Value;
            (await target.SendAsync(target.Exchange(grant.Token, "guess"), ct).ConfigureAwait(false)).Status(401);
            var unused = await target.GetRequestTokenAsync(target.Site.NewCallback().Address, ct).ConfigureAwait(false);
            (await target.SendAsync(target.Notice() with { Token = unused }, ct).ConfigureAwait(false)).Status(401);
        }),
    ];

    private static string Verifier(ProviderTarget target) => target.Callback.Value.QueryFields.Value("oauth_verifier");

    // If the service gives out what it should not, the rest of the run goes on with that.
    private static async Task<WireReply> TryAsync(ProviderTarget target, string clause, SignedCall call, CancellationToken cancellationToken)
    {
        var reply = await target.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.Status == 200 && Take(target, reply))
            target.EarlyGrantBy = clause;
        return reply;
    }

    private static bool Take(ProviderTarget target, WireReply reply)
    {
        var access = new Token(reply.Form("oauth_token"), reply.Form("oauth_token_secret"));
        if (access is not { Value.Length: > 0, Secret.Length: > 0 })
            return false;
        target.Grant.Value = new Grant(access, target.Alice, target.RequestToken.Value);
        return true;
    }
}
