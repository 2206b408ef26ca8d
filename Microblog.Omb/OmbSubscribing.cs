using System.Net;
using Microblog.Omb.Remote;
using Microblog.Storage;

namespace Microblog.Omb;

/// <summary>Begins the subscription of somebody elsewhere to a person of this node, for hosts with a page of their own in place of
/// <c>/{nickname}/subscribe</c>.</summary>
public sealed class OmbSubscribing
{
    private readonly SubscriptionDance dance;
    private readonly BrowserSession browsers;
    private readonly IMicroblogStore store;

    internal OmbSubscribing(SubscriptionDance dance, BrowserSession browsers, IMicroblogStore store) =>
        (this.dance, this.browsers, this.store) = (dance, browsers, store);

    /// <summary>Discovers the visitor's service and asks it for a request token.</summary>
    /// <param name="publisher">The person here who shall be heard.</param>
    /// <param name="profileAddress">The visitor's own page at the own service, as typed.</param>
    /// <param name="visitorAddress">Where the visitor comes from: unfinished attempts are counted by it. Those of unknown address share one count.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>Where to send the visitor's browser and with which cookie, or a reason for the visitor. The node's own callback does the rest.</returns>
    public async Task<Outcome<SubscribingVisitor>> BeginAsync(
        ProfileId publisher, string profileAddress, IPAddress? visitorAddress = null, CancellationToken cancellationToken = default)
    {
        var profile = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(publisher, ct), cancellationToken).ConfigureAwait(false);
        if (profile is not { MayAct: true })
            return Outcome<SubscribingVisitor>.Refused("There is nobody of this name here.");
        var browser = BrowserSession.Create();
        var begun = await dance.BeginAsync(profile, profileAddress, browser, visitorAddress, cancellationToken).ConfigureAwait(false);
        return begun.IsDone(out var next, out var problem)
            ? Outcome<SubscribingVisitor>.Done(new SubscribingVisitor(next, browsers.CookieOf(browser)))
            : Outcome<SubscribingVisitor>.Refused(problem);
    }
}

/// <summary>A visitor on the way to the own service.</summary>
/// <param name="Url">Where the browser goes next; redirect to it with 303.</param>
/// <param name="SetCookie">The value of a <c>Set-Cookie</c> header: only the browser that has it can come back (OMB-120).</param>
public sealed record SubscribingVisitor(string Url, string SetCookie);
