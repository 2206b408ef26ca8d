using Microblog.Applications;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Omb.Service;
using Microblog.Storage;

namespace Microblog.TwitterApi.Access;

/// <summary>Keeps the tokens of the client API: who registered an application is its consumer, whom it acts for let it in.</summary>
internal sealed class ApiTokens(IMicroblogStore store, ApplicationDesk applications, AccessDesk access, ISecretProtector protector)
    : StoredTokens(store, protector, "api.request")
{
    // Enough for an application that runs on one machine for many people.
    protected override int RequestTokensPerConsumer => 500;

    public override async ValueTask<OAuthConsumer?> FindConsumerAsync(string consumerKey, CancellationToken cancellationToken)
    {
        // An empty secret would be known to everybody.
        if (await applications.FindAsync(consumerKey, cancellationToken).ConfigureAwait(false) is not { Secret.Length: > 0 } found)
            return null;
        var registered = found.Application.Details.Callback;
        return new OAuthConsumer(found.Secret)
        {
            RsaKey = found.OpenPublicKey(),
            Callback = CallbackUri.TryParse(registered, out var callback) || CallbackUri.TryParseOwn(registered, out callback) ? callback : null,
        };
    }

    /// <summary>Never asked: <see cref="CallerFinder"/> looks up everything about a request in one read.</summary>
    public override ValueTask<AccessToken?> FindAccessTokenAsync(string token, CancellationToken cancellationToken) => new((AccessToken?)null);

    protected override async ValueTask<ExchangeVerdict> IssueAsync(IStoreSession session, ExchangeVerdict.Issued verdict, CancellationToken cancellationToken)
    {
        var (issued, consent) = (verdict.Access, ApiConsent.Read(verdict.Access.GrantData));
        var fresh = new AccessSecret(issued.Credentials.Token, issued.Credentials.Secret);
        // Whoever authorized this application before gets the same token again.
        return await access.GrantAsync(session, consent.Person, issued.ConsumerKey, consent.MayWrite, fresh, cancellationToken).ConfigureAwait(false) is { } granted
            ? verdict with { Access = issued with { Credentials = new TokenCredentials(granted.Token, granted.Secret) } }
            : new ExchangeVerdict.Refused(new OAuthRefusal(OAuthProblem.PermissionDenied, "the person, the application or the room for it is gone"), null);
    }
}

/// <summary>What a person agreed to, as it is kept with the request token until the exchange.</summary>
/// <param name="Person">Who.</param>
/// <param name="MayWrite">Whether the page said that the application may change things.</param>
internal readonly record struct ApiConsent(ProfileId Person, bool MayWrite)
{
    public override string ToString() => $"{Person} {(MayWrite ? "write" : "read")}";

    public static ApiConsent Read(string text) => text.Split(' ') is [var person, var access]
        ? new ApiConsent(new ProfileId(long.Parse(person, System.Globalization.CultureInfo.InvariantCulture)), access == "write")
        : default;
}
