using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Omb.Discovery;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Remote;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Logging;

namespace Microblog.Omb.Remote;

/// <summary>The listenee's side of the dance: discovery → request token → the visitor's consent over there → access token →
/// subscription. openmicroblogging.md §2 to §6.</summary>
/// <remarks>Refusals are written for the visitor.</remarks>
internal sealed class SubscriptionDance(
    ProfileDiscovery discovery, SignedPoster poster, SubscriberDesk desk, IMicroblogStore store, ISecretProtector protector,
    NodeAddresses addresses, TimeProvider clock, ILogger<SubscriptionDance> logger)
{
    /// <summary>The credentials' scope of pending dances; the token is the state in the callback's path.</summary>
    public const string Scope = "omb.dance";

    private const int PendingPerVisitor = 50;
    private const int LongestRemote = 200;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Begins, and says where the visitor's browser goes next.</summary>
    /// <param name="publisher">The person here who shall be heard.</param>
    /// <param name="profileAddress">The visitor's own page, as typed.</param>
    /// <param name="browser">The secret of the visitor's browser.</param>
    /// <param name="from">The visitor's address, by whose <see cref="ClientNetwork"/> pending dances are counted; <see langword="null"/> when it is not known.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public async ValueTask<Outcome<string>> BeginAsync(
        Profile publisher, string profileAddress, string browser, IPAddress? from, CancellationToken cancellationToken)
    {
        var typed = profileAddress.Trim();
        if (!typed.Contains("://", StringComparison.Ordinal))
            typed = "https://" + typed;
        if (!WebAddress.IsValid(typed))
            return Fail(typed, "This is not an address. Type the address of your own page at your site.");
        if (addresses.IsOwn(typed))
            return Fail(typed, "This address is of this site. Sign in here and subscribe there.");

        var found = await discovery.DiscoverAsync(typed, cancellationToken).ConfigureAwait(false);
        if (found is not DiscoveryResult.Found { } listener)
            return Fail(typed, ((DiscoveryResult.Failed)found).Detail);

        var state = RandomText.Alphanumeric(32);
        var callback = addresses.At("/omb/callback/" + state);
        var (token, problem) = await RequestTokenAsync(listener.Endpoints, callback, cancellationToken).ConfigureAwait(false);
        if (token is null)
            return Fail(typed, problem);

        var dance = new PendingDance
        {
            Publisher = publisher.Id,
            Endpoints = listener.Endpoints,
            ProfileUrl = listener.ProfileUrl.AbsoluteUri,
            RequestToken = token.Credentials,
            IsConfirmed = token.CallbackConfirmed,
            BrowserHash = BrowserSession.Hash(browser),
        };
        return await KeepAsync(state, dance, from, cancellationToken).ConfigureAwait(false)
            ? Outcome<string>.Done(poster.SignedAddress(dance.Endpoints.Authorize, Introduction(publisher, dance, callback), dance.RequestToken))
            : Fail(typed, "You have begun too many subscriptions without finishing them. Try again in an hour.");
    }

    /// <summary>Ends: the visitor is back from the own service.</summary>
    public async ValueTask<Outcome<Profile>> FinishAsync(
        string state, ReadOnlyMemory<byte> query, string? browser, CancellationToken cancellationToken)
    {
        var credential = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Credentials.FindAsync(Scope, state, ct), cancellationToken).ConfigureAwait(false);
        if (credential is not { State: CredentialState.Pending } || credential.Expires <= clock.GetUtcNow()
            || protector.Unprotect(credential.ProtectedSecret.Span) is not { } secret)
            return Refuse("This subscription was finished before, or too much time has passed. Begin anew.");
        var dance = PendingDance.FromData(credential.Data, Encoding.ASCII.GetString(secret));
        // Somebody else's browser: an attacker may have begun the dance and sent the last step on (session fixation).
        if (browser is null || !CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(BrowserSession.Hash(browser)), Encoding.ASCII.GetBytes(dance.BrowserHash)))
            return Refuse("Another browser began this subscription. Begin anew in this one.");
        if (CallbackMessage.TryRead(query.Span, dance, out var message) is { } problem)
            return Refuse(problem.Explanation);

        // Honoured once (OMB-120): whoever changes the state first goes on.
        var claimed = await store.ExecuteAsync(
            (session, ct) => session.Credentials.ReplaceAsync(credential with { State = CredentialState.Used, Consumer = "" }, CredentialState.Pending, ct),
            cancellationToken).ConfigureAwait(false);
        if (!claimed)
            return Refuse("This subscription was finished before.");
        if (message is null)
            return Refuse("You refused at your site, so nothing was changed.");

        var (access, reason) = await AccessTokenAsync(dance, message, cancellationToken).ConfigureAwait(false);
        return access is null
            ? Refuse(reason)
            : await desk.AddAsync(dance, message.Person, access, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(TokenResponse? Token, string Problem)> RequestTokenAsync(
        OmbEndpoints endpoints, string callback, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OmbNames.Listener, endpoints.Identifier),
            new(OAuthNames.Callback, callback),
        ];
        var result = await PostAsync(endpoints.RequestToken, fields, null, cancellationToken).ConfigureAwait(false);
        // A peer of OAuth 1.0 that minds a parameter it does not know gets the request once more without it (oauth.md §8.1).
        if (result is RemoteResult.Answered { Status: 400 } answered && ReportOf(answered).Rejects(OAuthNames.Callback))
            result = await PostAsync(endpoints.RequestToken, fields[..2], null, cancellationToken).ConfigureAwait(false);
        return Read(result, "would not begin");
    }

    private async ValueTask<(TokenResponse? Token, string Problem)> AccessTokenAsync(
        PendingDance dance, CallbackMessage message, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields = [new(OmbNames.Version, OmbNames.ProtocolVersion)];
        if (message.Verifier is { } verifier)
            fields.Add(new(OAuthNames.Verifier, verifier));
        var result = await PostAsync(dance.Endpoints.AccessToken, fields, dance.RequestToken, cancellationToken).ConfigureAwait(false);
        return Read(result, "would not finish");
    }

    // Once more with fresh values where the peer says that the stamp was the problem (OAUTH-55).
    private async ValueTask<RemoteResult> PostAsync(
        string url, IReadOnlyList<KeyValuePair<string, string>> fields, TokenCredentials? token, CancellationToken cancellationToken)
    {
        var result = await poster.PostAsync(url, fields, token, null, cancellationToken).ConfigureAwait(false);
        return result is RemoteResult.Answered { Status: 400 or 401 } answered && ReportOf(answered).IsCuredByFreshStamp
            ? await poster.PostAsync(url, fields, token, answered.Date, cancellationToken).ConfigureAwait(false)
            : result;
    }

    private static (TokenResponse? Token, string Problem) Read(RemoteResult result, string what) => result switch
    {
        RemoteResult.Answered answered when TokenResponse.TryParse(answered.Status, answered.Body.Span, out var token) => (token, ""),
        RemoteResult.Answered answered => (null, $"Your site {what} the subscription: it answered {answered.Status}, {WordOf(answered) ?? "without a token"}."),
        RemoteResult.Failed failed => (null, $"Your site {what} the subscription: {failed.Reason}."),
        _ => throw new InvalidOperationException("RemoteResult is a closed family."),
    };

    private static ProblemReport ReportOf(RemoteResult.Answered answered) =>
        ProblemReport.Parse(answered.Headers.TryGetValue("WWW-Authenticate", out var values) ? values : [], answered.Body.Span);

    // It goes into a sentence for the visitor and into our log.
    private static string? WordOf(RemoteResult.Answered answered) => ReportOf(answered).Word is { } word ? OneLine.Of(word, LongestRemote) : null;

    // OMB-112. The callback is repeated exactly when it was not confirmed (OAUTH-51).
    private List<KeyValuePair<string, string>> Introduction(Profile publisher, PendingDance dance, string callback)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OmbNames.Listener, dance.Endpoints.Identifier),
            new(OmbNames.Listenee, publisher.Uri.Value),
            .. PersonFields.Write(publisher, addresses.AvatarUrl(publisher), PersonFields.ListeneePrefix, withBlanks: false),
        ];
        if (!dance.IsConfirmed)
            fields.Add(new(OAuthNames.Callback, callback));
        return fields;
    }

    private async ValueTask<bool> KeepAsync(string state, PendingDance dance, IPAddress? from, CancellationToken cancellationToken)
    {
        var credential = new Credential
        {
            Scope = Scope,
            Token = state,
            ProtectedSecret = protector.Protect(Encoding.ASCII.GetBytes(dance.RequestToken.Secret)),
            // Counted by visitor, so that nobody uses up the room of the others; a finished one counts no more.
            Consumer = from is null ? "unknown" : ClientNetwork.Of(from),
            State = CredentialState.Pending,
            Person = dance.Publisher,
            Data = dance.ToData(),
            Expires = clock.GetUtcNow() + Lifetime,
        };
        return await store.ExecuteAsync(
            (session, ct) => session.Credentials.AddAsync(credential, PendingPerVisitor, ct), cancellationToken).ConfigureAwait(false);
    }

    private Outcome<string> Fail(string target, string problem)
    {
        // What a stranger typed becomes one short line of our log and never two.
        var line = OneLine.Of(target, LongestRemote);
        logger.SubscribeFailed(line, problem);
        return Outcome<string>.Refused(problem);
    }

    private Outcome<Profile> Refuse(string problem)
    {
        logger.SubscribeFailed("callback", problem);
        return Outcome<Profile>.Refused(problem);
    }
}
