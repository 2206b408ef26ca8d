using System.Text;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Omb.Remote;

/// <summary>Lets visitors from other services subscribe to people of this node: the page where they say where they are at home,
/// and the address they come back to.</summary>
internal sealed class RemoteSubscribeRoutes(
    SubscriptionDance dance, BrowserSession browsers, IMicroblogStore store, ForgeryTokens forgery, NodeAddresses addresses) : INodeRoutes
{
    private const int MaxFormBytes = 16 * 1024;

    public IEnumerable<NodeRoute> Routes =>
    [
        new() { Method = "GET", Template = "/{nickname}/subscribe", Handler = AskAsync },
        new() { Method = "POST", Template = "/{nickname}/subscribe", Handler = BeginAsync, MaxBodyBytes = MaxFormBytes, Rate = RateClass.Open },
        new() { Method = "GET", Template = "/omb/callback/{state}", Handler = FinishAsync, Rate = RateClass.Open },
    ];

    private async ValueTask<NodeResponse> AskAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        if (await FindAsync(request, cancellationToken).ConfigureAwait(false) is not { } publisher)
            return NotFound();
        var secret = browsers.Find(request);
        var response = Page(publisher, secret ??= BrowserSession.Create(), NodeForm.OfQuery(request)[RemoteSubscribePage.AddressField], "", 200);
        return browsers.Keep(response, secret);
    }

    private async ValueTask<NodeResponse> BeginAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        if (await FindAsync(request, cancellationToken).ConfigureAwait(false) is not { } publisher)
            return NotFound();
        var form = NodeForm.OfBody(request);
        var typed = form[RemoteSubscribePage.AddressField];
        if (browsers.Find(request) is not { } secret)
        {
            var fresh = BrowserSession.Create();
            return browsers.Keep(Page(publisher, fresh, typed, "Your browser did not send our cookie. Allow it, and try again.", 400), fresh);
        }

        if (!forgery.IsValid(form[ForgeryTokens.Field], secret, Action(publisher)))
            return Page(publisher, secret, typed, "This form was open for too long. Try again.", 400);
        var begun = await dance.BeginAsync(publisher, typed, secret, request.RemoteAddress, cancellationToken).ConfigureAwait(false);
        return begun.IsDone(out var next, out var problem) ? NodeResponse.SeeOther(next) : Page(publisher, secret, typed, problem, 400);
    }

    private async ValueTask<NodeResponse> FinishAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var finished = await dance.FinishAsync(
            request.Route("state"), Encoding.UTF8.GetBytes(request.RawQuery), browsers.Find(request), cancellationToken).ConfigureAwait(false);
        return finished.IsDone(out var publisher, out var problem)
            ? NodeResponse.Page(new MessagePage(
                $"You are subscribed to {publisher.Nickname}",
                publisher.ApprovesFollowers
                    ? $"{publisher.Nickname} approves subscribers first. Afterwards, new notices reach you at your own site."
                    : $"New notices of {publisher.Nickname} reach you at your own site from now on."))
            : NodeResponse.Page(new MessagePage("You are not subscribed", problem, 400), 400);
    }

    private async ValueTask<Profile?> FindAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var nickname = request.Route("nickname").ToLowerInvariant();
        var profile = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindLocalAsync(nickname, ct), cancellationToken).ConfigureAwait(false);
        return profile is { MayAct: true } ? profile : null;
    }

    private NodeResponse Page(Profile publisher, string secret, string typed, string problem, int status) =>
        NodeResponse.Page(
            new RemoteSubscribePage
            {
                Publisher = publisher,
                Action = $"{addresses.PathBase}/{publisher.Nickname}/subscribe",
                ForgeryToken = forgery.Issue(secret, Action(publisher)),
                TypedAddress = typed,
                Problem = problem,
            },
            status);

    private static NodeResponse NotFound() => NodeResponse.Page(new MessagePage("Nobody here", "There is nobody of this name.", 404), 404);

    private static string Action(Profile publisher) => "omb-subscribe " + publisher.Id;
}
