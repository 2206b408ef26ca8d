using System.Text;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Asks the listener, and sends the browser back with the answer: openmicroblogging.md §5, oauth.md §8.2.</summary>
/// <remarks>In this order: the token and the form of the request (an error page, never a redirect), who is signed in, what this
/// service takes, the person's decision. The form repeats the whole request, which is checked again, so nothing is kept between.</remarks>
internal sealed class AuthorizationEndpoint(
    OAuthProvider provider, ConsentDesk desk, IHostIdentity identity, IMicroblogStore store, ForgeryTokens forgery, NodeAddresses addresses)
{
    public const string Path = "/omb/authorize";
    private const string DecisionField = "decision";

    /// <summary>Shows the page.</summary>
    public async ValueTask<NodeResponse> AskAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(request, Encoding.UTF8.GetBytes(request.RawQuery), cancellationToken).ConfigureAwait(false);
        return opened.Answer ?? NodeResponse.Page(Page(opened.Consent!, opened.Subject));
    }

    /// <summary>Takes the decision.</summary>
    public async ValueTask<NodeResponse> DecideAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(request, request.Body, cancellationToken).ConfigureAwait(false);
        if (opened.Answer is { } answer)
            return answer;
        var consent = opened.Consent!;
        var form = NodeForm.OfBody(request);
        if (!forgery.IsValid(form[ForgeryTokens.Field], opened.Subject, Action(consent)))
            return Problem("This form is not valid any more", "Go back to the other site and begin anew.");

        var isAllowed = form[DecisionField] == "allow";
        var grant = "";
        if (isAllowed)
        {
            var agreed = await desk.AgreeAsync(consent, cancellationToken).ConfigureAwait(false);
            if (!agreed.IsDone(out var record, out var problem))
                return Problem("This subscription is not possible", problem);
            grant = record.ToString();
        }

        return await provider.DecideAsync(consent.Pending, isAllowed, grant, cancellationToken).ConfigureAwait(false) switch
        {
            Decision.Granted { ReturnTo: { } back } => NodeResponse.SeeOther(WithListener(back, consent.Listener)),
            Decision.Granted granted => NodeResponse.Page(new OutOfBandPage(granted.Verifier ?? "", consent.ConsumerHost)),
            Decision.Denied { ReturnTo: { } back } => NodeResponse.SeeOther(back),
            Decision.Denied => NodeResponse.Page(new MessagePage("You refused", "Nothing was changed. You can close this page.")),
            _ => Problem("This was decided already", "Go back to the other site and begin anew."),
        };
    }

    private async ValueTask<Opened> OpenAsync(NodeRequest request, ReadOnlyMemory<byte> form, CancellationToken cancellationToken)
    {
        if (ConsentRequest.TryRead(form.Span, out var wanted) is { } malformed)
            return Stop(malformed);
        var authorization = await provider.FindAuthorizationAsync(wanted!.Token, wanted.Callback, cancellationToken).ConfigureAwait(false);
        if (authorization is not AuthorizationRequest.Pending pending)
            return Stop(OmbRefusal.Malformed(AuthorizationProblems.Explain(((AuthorizationRequest.Refused)authorization).Problem)));

        request.Sender = pending.Token.ConsumerKey;

        // The identifier was checked when the token was issued; here it has to be the same person's (OMB-32).
        var listener = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(wanted.Listener, default, ct), cancellationToken).ConfigureAwait(false);
        if (listener is not { MayAct: true } || listener.Id.ToString() != pending.Token.Data)
            return Stop(new OmbRefusal(OmbRejection.UnknownListener, $"The token was not requested for this {OmbNames.Listener}."));

        if (request.User is null || identity.Identify(request.User) is not { } user)
        {
            // A session that ends while the question is on the screen leads back to the question.
            var question = request.Method == "POST" ? $"{addresses.PathBase}{Path}?{WireForm.Encode(wanted.Fields())}" : request.LocalTarget(addresses.PathBase + "/");
            return new Opened(NodeResponse.Challenge(question), null, "");
        }

        var signedIn = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindBySubjectAsync(user.Subject, ct), cancellationToken).ConfigureAwait(false);
        if (signedIn?.Id != listener.Id)
        {
            return new Opened(
                Problem("You are somebody else here", $"The other site asks for {listener.Nickname}, and you are signed in as another user.", 403), null, "");
        }

        var consent = new Consent(wanted, pending, listener);
        return desk.ObjectTo(consent) is { } objection ? Stop(objection) : new Opened(null, consent, user.Subject);
    }

    private ConsentPage Page(Consent consent, string subject)
    {
        var person = consent.Request.Person;
        return new ConsentPage
        {
            ConsumerKey = consent.Pending.Token.ConsumerKey,
            ConsumerHost = consent.ConsumerHost,
            IdentifierHost = consent.IdentifierHost,
            CallbackHost = consent.CallbackHost,
            HostsDiffer = consent.HostsDiffer,
            CannotTellWhoBegan = consent.CannotTellWhoBegan,
            Listenee = new ConsentListenee
            {
                Nickname = person.Nickname!,
                Address = $"{person.Nickname}@{consent.ListeneeHost}",
                FullName = person.FullName ?? "",
                Bio = person.Bio ?? "",
                Location = person.Location ?? "",
                Homepage = person.Homepage ?? "",
                ProfileUrl = person.ProfileUrl!,
                // Nobody has looked yet whether its XRDS names the identifier (OMB-42).
                IsProfileUrlProven = false,
                License = person.License!,
            },
            Fields = consent.Request.Fields(),
            ForgeryToken = forgery.Issue(subject, Action(consent)),
            Action = addresses.PathBase + Path,
        };
    }

    // Bound to everything that is shown, so that a form cannot be made to say more than the person read.
    private static string Action(Consent consent) => "omb-consent " + WireForm.Encode(consent.Request.Fields());

    private string WithListener(string callback, Profile listener)
    {
        IEnumerable<KeyValuePair<string, string>> added =
        [
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            .. PersonFields.Write(listener, addresses.AvatarUrl(listener), PersonFields.ListenerPrefix, withBlanks: false),
        ];
        return callback + (callback.Contains('?', StringComparison.Ordinal) ? '&' : '?') + WireForm.Encode(added);
    }

    private static Opened Stop(OmbRefusal refusal) => new(
        Problem("The other site's request does not work", refusal.Explanation) with { Refusal = refusal.ToRefusal() }, null, "");

    private static NodeResponse Problem(string heading, string message, int status = 400) =>
        NodeResponse.Page(new MessagePage(heading, message, status), status);

    private sealed record Opened(NodeResponse? Answer, Consent? Consent, string Subject);
}
