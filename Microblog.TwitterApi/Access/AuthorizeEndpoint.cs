using Microblog.Applications;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Omb.Service;
using Microblog.Pages;

namespace Microblog.TwitterApi.Access;

/// <summary>Asks a person whether an application may act for them, and sends the browser back with the answer.</summary>
/// <remarks>In this order: the token (an error page, never a redirect), who is signed in, the person's decision. Everything is looked up again when the form
/// comes back, so nothing is kept between.</remarks>
internal sealed class AuthorizeEndpoint(
    ApiOAuth oauth, ApplicationDesk applications, AccessDesk access, MicroblogNode node, IHostIdentity identity, ForgeryTokens forgery, NodeAddresses addresses)
{
    private const string Path = "/oauth/authorize";
    private const string ModeField = "mode";
    private const string DecisionField = "decision";

    /// <summary>Shows the page.</summary>
    public async ValueTask<NodeResponse> AskAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(request, NodeForm.OfQuery(request), cancellationToken).ConfigureAwait(false);
        return opened.Answer ?? await ShowAsync(opened.Question!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the decision.</summary>
    public async ValueTask<NodeResponse> DecideAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var form = NodeForm.OfBody(request);
        var opened = await OpenAsync(request, form, cancellationToken).ConfigureAwait(false);
        if (opened.Answer is { } answer)
            return answer;
        var question = opened.Question!;
        if (!forgery.IsValid(form[ForgeryTokens.Field], question.Subject, question.Action))
            return Problem("This form is not valid any more", "Nothing was changed. Go back to the application and begin anew.");
        var isAllowed = form[DecisionField] == "allow";
        if (isAllowed && !await access.HasRoomAsync(question.Person.Id, question.Application.Key, cancellationToken).ConfigureAwait(false))
            return Problem("Too many applications", $"You have let in {AccessDesk.MaxPerPerson} applications. Revoke one first, under Settings, Applications.");
        var consent = new ApiConsent(question.Person.Id, question.Application.Details.MayWrite);
        return await oauth.Provider.DecideAsync(question.Pending, isAllowed, consent.ToString(), cancellationToken).ConfigureAwait(false) switch
        {
            Decision.Granted { ReturnTo: { } back } => NodeResponse.SeeOther(back),
            Decision.Granted granted => NodeResponse.Page(new PinPage(granted.Verifier ?? "", NameOf(question.Application)) { IsBare = question.IsBare }),
            Decision.Denied { ReturnTo: { } back } => NodeResponse.SeeOther(back),
            Decision.Denied => NodeResponse.Page(new MessagePage("You refused", "Nothing was changed. You can close this page.") { IsBare = question.IsBare }),
            _ => Problem("There is nothing to decide", AuthorizationProblems.Explain(AuthorizationProblem.AlreadyDecided)),
        };
    }

    private async ValueTask<(NodeResponse? Answer, Question? Question)> OpenAsync(NodeRequest request, NodeForm fields, CancellationToken cancellationToken)
    {
        var token = fields[OAuthNames.Token];
        // The callback was signed with the request for the token; what the address says about one counts for nothing.
        var authorization = await oauth.Provider.FindAuthorizationAsync(token, null, cancellationToken).ConfigureAwait(false);
        if (authorization is not AuthorizationRequest.Pending pending)
            return (Problem("There is nothing to decide", AuthorizationProblems.Explain(((AuthorizationRequest.Refused)authorization).Problem)), null);
        request.Sender = pending.Token.ConsumerKey;
        if (await applications.FindAsync(pending.Token.ConsumerKey, cancellationToken).ConfigureAwait(false) is not { Application: var application })
            return (Problem("There is nothing to decide", "The application was deleted."), null);
        if (request.User is null || identity.Identify(request.User) is not { } user)
        {
            // A session that ends while the question is on the screen leads back to the question.
            var mode = IsBare(fields) ? $"&{ModeField}=desktop" : "";
            return (NodeResponse.Challenge($"{addresses.PathBase}{Path}?{WireForm.Encode([new(OAuthNames.Token, token)])}{mode}"), null);
        }

        if (await node.FindProfileAsync(user.Subject, cancellationToken).ConfigureAwait(false) is not { } person)
            return (NodeResponse.SeeOther(addresses.PathBase + "/join"), null);
        return person.MayAct
            ? (null, new Question(pending, application, person, user.Subject, IsBare(fields)))
            : (Problem("Your account is suspended here", "No application can act for you.", 403), null);
    }

    private async ValueTask<NodeResponse> ShowAsync(Question question, CancellationToken cancellationToken)
    {
        var owner = await node.FindProfileAsync(question.Application.Owner, cancellationToken).ConfigureAwait(false);
        return NodeResponse.Page(new AuthorizePage
        {
            Application = question.Application,
            OwnerNickname = owner?.Nickname ?? "",
            HomepageHost = WebAddress.HostOf(question.Application.Details.Homepage),
            CallbackHost = question.Pending.Callback?.Host ?? "",
            CallbackScheme = question.Pending.Callback is { IsWeb: false, Scheme: var scheme } ? scheme : "",
            Person = question.Person,
            Token = question.Pending.Token.Credentials.Token,
            ForgeryToken = forgery.Issue(question.Subject, question.Action),
            Action = addresses.PathBase + Path,
            IsBare = question.IsBare,
        });
    }

    private static string NameOf(Application application) => application.IsUnregistered ? "the program" : application.Details.Name;

    private static bool IsBare(NodeForm fields) => fields[ModeField] == "desktop";

    private static NodeResponse Problem(string heading, string message, int status = 400) => NodeResponse.Page(new MessagePage(heading, message, status), status);

    private sealed record Question(AuthorizationRequest.Pending Pending, Application Application, Profile Person, string Subject, bool IsBare)
    {
        // Bound to what is shown, so that an application that changes meanwhile is not let do more than the person read.
        public string Action => $"api-authorize {Pending.Token.Credentials.Token} {ApplicationFingerprint}";

        private string ApplicationFingerprint => WireForm.Encode(
        [
            new("name", Application.Details.Name),
            new("homepage", Application.Details.Homepage),
            new("write", Application.Details.MayWrite ? "1" : ""),
        ]);
    }
}
