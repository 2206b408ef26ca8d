using System.Text;
using Microblog.Applications;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microblog.Omb.Service;

namespace Microblog.TwitterApi.Access;

/// <summary>The three steps by which an application is let in (§3.3), under every address at which clients look for them.</summary>
internal sealed class TokenRoutes(ApiOAuth oauth, AuthorizeEndpoint authorize) : INodeRoutes
{
    private const int MaxFormBytes = 64 * 1024;

    // Libraries of the later API ask at the base itself.
    private static readonly string[] Roots = ["/api", "/api/1", "/api/1.1", "", "/1", "/1.1"];

    public IEnumerable<NodeRoute> Routes => Roots.SelectMany(root => new NodeRoute[]
    {
        Token("GET", root + "/oauth/request_token", RequestTokenAsync),
        Token("POST", root + "/oauth/request_token", RequestTokenAsync),
        Token("GET", root + "/oauth/access_token", AccessTokenAsync),
        Token("POST", root + "/oauth/access_token", AccessTokenAsync),
        new() { Method = "GET", Template = root + "/oauth/authorize", Handler = authorize.AskAsync },
        new() { Method = "POST", Template = root + "/oauth/authorize", Handler = authorize.DecideAsync, MaxBodyBytes = MaxFormBytes, Rate = RateClass.Write },
    });

    private static NodeRoute Token(string method, string template, Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> handler) => new()
    {
        Method = method,
        Template = template,
        Handler = handler,
        MaxBodyBytes = MaxFormBytes,
        Access = RouteAccess.Credential,
        Rate = RateClass.Open,
    };

    private async ValueTask<NodeResponse> RequestTokenAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        OAuthRefusal? refusal = null;
        var answer = await oauth.Provider.RequestTokenAsync(
            request,
            (signed, _) => new((refusal = RefuseCallback(signed)) is null ? RequestTokenTerms.Plain : new RequestTokenTerms.Refused(refusal.ToResponse(oauth.Options.Realm))),
            problem => refusal = problem,
            cancellationToken).ConfigureAwait(false);
        return refusal is null ? answer : InPlainText(answer, refusal, answer.Status);
    }

    private async ValueTask<NodeResponse> AccessTokenAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        OAuthRefusal? refusal = null;
        var answer = await oauth.Provider.AccessTokenAsync(request, problem => refusal = problem, cancellationToken).ConfigureAwait(false);
        return refusal is null ? answer : InPlainText(answer, refusal, IsAboutDecision(refusal) ? 400 : answer.Status);
    }

    // Anybody signs in the name of all whom nobody registered. A number goes by the person's own hands; an address would lead away whoever is talked
    // into agreeing.
    private static OAuthRefusal? RefuseCallback(SignedRequest signed) =>
        signed.ConsumerKey == Application.Unregistered.Key && signed.Field(OAuthNames.Callback).Text != CallbackUri.OutOfBand
            ? OAuthRefusal.Bad(OAuthNames.Callback, "", "a callback without a registration") with { Advice = "A program that is not registered asks for a number: oob." }
            : null;

    // What the person decided, or has not yet, is no matter of who signs.
    private static bool IsAboutDecision(OAuthRefusal refusal) =>
        refusal.Absent.Contains(OAuthNames.Verifier)
        || refusal.Problem is OAuthProblem.PermissionUnknown or OAuthProblem.PermissionDenied or OAuthProblem.UserRefused or OAuthProblem.VerifierInvalid
            or OAuthProblem.TokenUsed or OAuthProblem.TokenExpired;

    private static NodeResponse InPlainText(NodeResponse answer, OAuthRefusal refusal, int status)
    {
        var lines = string.Join('\n', refusal.WireParameters.Select(parameter => $"{parameter.Key}: {parameter.Value}"));
        return answer with { Status = status, Body = new NodeBody.Bytes("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(lines)) };
    }
}
