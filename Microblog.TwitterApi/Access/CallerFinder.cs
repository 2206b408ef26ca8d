using Microblog.Applications;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microblog.Omb.Service;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Access;

/// <summary>Finds out who calls, by OAuth or by HTTP Basic.</summary>
/// <remarks>Each request looks its credentials up in the store, so what a person takes back ends at once in every process.</remarks>
internal sealed class CallerFinder(
    AccessDesk access, PasswordDesk passwords, ApiTokens tokens, ApiOAuth oauth, SeenNonces seen, FailedPasswords failed, ApiChallenges challenges,
    IOptions<TwitterApiOptions> options, TimeProvider clock)
{
    private static readonly OAuthRefusal UnknownToken = new(OAuthProblem.TokenRejected, "no such application, or no token of it in force");

    /// <summary>Who calls. Credentials that are sent are always checked, also where none are needed.</summary>
    /// <param name="request">With its body, if that is a form.</param>
    /// <param name="use">Who remembers its nonce.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The caller, nobody, or why the credentials are refused.</returns>
    public async ValueTask<(Caller? Caller, ApiRefusal? Refusal)> FindAsync(NodeRequest request, NonceUse use, CancellationToken cancellationToken)
    {
        if (SignedRequest.TryParse(request, oauth.Options, TokenUse.Required, out var signed, out var problem))
            return await FindAsync(request, signed, use, cancellationToken).ConfigureAwait(false);
        // By OAuth comes only what has both.
        if (!problem.Absent.Contains(OAuthNames.ConsumerKey) && !problem.Absent.Contains(OAuthNames.Token))
            return (null, challenges.Refuse(problem));
        var header = request.Header("Authorization");
        return string.IsNullOrWhiteSpace(header) ? (null, null)
            : BasicCredentials.IsNamedBy(header) ? await FindAsync(request, header, cancellationToken).ConfigureAwait(false)
            : (null, challenges.Refuse("What the Authorization header says is not understood here."));
    }

    private async ValueTask<(Caller? Caller, ApiRefusal? Refusal)> FindAsync(
        NodeRequest request, SignedRequest signed, NonceUse use, CancellationToken cancellationToken)
    {
        request.Sender = signed.ConsumerKey;
        if (await access.FindAsync(signed.ConsumerKey, signed.Token!, cancellationToken).ConfigureAwait(false) is not { } found)
            return (null, challenges.Refuse(UnknownToken));
        using var key = signed.SignatureMethod.IsRsa() ? found.Application.OpenPublicKey() : null;
        var verification = signed.Verify(new OAuthSecrets(found.Application.Secret, found.Secret) { RsaKey = key }, clock.GetUtcNow());
        if (verification is not Verification.Accepted { Nonce: var nonce })
            return (null, challenges.Refuse(((Verification.Rejected)verification).Refusal));
        var isNew = nonce is null || (use == NonceUse.Store ? await tokens.RememberAsync(nonce, cancellationToken).ConfigureAwait(false) : seen.Add(nonce));
        if (!isNew)
            return (null, challenges.Refuse(OAuthProvider.NonceUsed()));
        if (!found.Person.MayAct)
            return (null, Suspended());
        var application = found.Application.Application;
        return (new Caller(found.Person, $"{found.Person.Id} {application.Key}", found.MayWrite)
        {
            ApplicationName = application.Details.Name,
            ApplicationUrl = application.Details.Homepage,
            Once = use == NonceUse.Method ? OmbNonces.Key(nonce) : null,
        }, null);
    }

    private async ValueTask<(Caller? Caller, ApiRefusal? Refusal)> FindAsync(NodeRequest request, string header, CancellationToken cancellationToken)
    {
        if (!options.Value.AcceptBasic)
            return (null, challenges.Refuse("Passwords are not accepted here; use OAuth."));
        if (!request.IsSecure && !options.Value.AcceptBasicWithoutTls)
            return (null, challenges.Refuse("Passwords are accepted by https only."));
        if (!BasicCredentials.TryParse(header, out var credentials))
            return (null, challenges.RefuseBasic("The Authorization header is malformed."));
        if (failed.AreTooMany(request.RemoteAddress, credentials.Nickname))
            return (null, new ApiRefusal(429, 88, "Too many wrong passwords. Wait until the next full hour."));
        if (await passwords.FindPersonAsync(credentials.Nickname, credentials.Password, cancellationToken).ConfigureAwait(false) is not { } person)
        {
            failed.Add(request.RemoteAddress, credentials.Nickname);
            return (null, challenges.RefuseBasic("Nickname or application password is wrong."));
        }

        return person.MayAct ? (new Caller(person, $"{person.Id} password", MayWrite: true), null) : (null, Suspended());
    }

    private static ApiRefusal Suspended() => new(403, 64, "Your account is suspended here.");
}
