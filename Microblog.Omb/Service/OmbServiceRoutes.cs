using Microblog.Http;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>The addresses of the listener's side. None of them carries a query (OMB-10, Q12).</summary>
internal sealed class OmbServiceRoutes(
    RequestTokenEndpoint requestToken, AuthorizationEndpoint authorization, OAuthProvider provider,
    PostNoticeEndpoint postNotice, UpdateProfileEndpoint updateProfile, LocalXrds xrds) : INodeRoutes
{
    private const int MaxFormBytes = 64 * 1024;
    private const int MaxPushBytes = 256 * 1024;

    // Some peers ask for tokens by GET (OMB-23, Q42).
    private static readonly string[] TokenMethods = ["GET", "POST"];

    public IEnumerable<NodeRoute> Routes =>
    [
        .. Token("/omb/request_token", requestToken.AnswerAsync),
        .. Token("/omb/access_token", AccessTokenAsync),
        new() { Method = "GET", Template = AuthorizationEndpoint.Path, Handler = authorization.AskAsync },
        new() { Method = "POST", Template = AuthorizationEndpoint.Path, Handler = authorization.DecideAsync, MaxBodyBytes = MaxFormBytes, Rate = RateClass.Write },
        Push("/omb/{listener}/notice", postNotice.AnswerAsync),
        Push("/omb/{listener}/profile", updateProfile.AnswerAsync),
        new() { Method = "GET", Template = "/user/{id}/xrds", Handler = xrds.AnswerAsync },
    ];

    private static IEnumerable<NodeRoute> Token(string template, Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> handler) =>
        TokenMethods.Select(method => new NodeRoute
        {
            Method = method,
            Template = template,
            Handler = handler,
            MaxBodyBytes = MaxFormBytes,
            Access = RouteAccess.Credential,
            Rate = RateClass.Open,
        });

    private static NodeRoute Push(string template, Func<NodeRequest, CancellationToken, ValueTask<NodeResponse>> handler) => new()
    {
        Method = "POST",
        Template = template,
        Handler = handler,
        MaxBodyBytes = MaxPushBytes,
        Access = RouteAccess.Credential,
        Rate = RateClass.Push,
    };

    private ValueTask<NodeResponse> AccessTokenAsync(NodeRequest request, CancellationToken cancellationToken) =>
        provider.AccessTokenAsync(request, refusal => PushVerifier.Note(refusal, "accessToken"), cancellationToken);
}
