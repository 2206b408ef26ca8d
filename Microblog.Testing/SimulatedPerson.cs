using System.Security.Claims;
using Microblog.Federation;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Testing;

/// <summary>Somebody with a profile at a simulated node, and a browser.</summary>
public sealed class SimulatedPerson
{
    internal SimulatedPerson(SimulatedNode node, ClaimsPrincipal user, Profile profile, SimulatedBrowser browser)
    {
        (Node, User, Profile, Browser) = (node, user, profile, browser);
        browser.SignIn(node.BaseUri, user);
    }

    /// <summary>Where the person is at home.</summary>
    public SimulatedNode Node { get; }

    /// <summary>Who the person is to the host.</summary>
    public ClaimsPrincipal User { get; }

    /// <summary>The profile, as it was when the person joined.</summary>
    public Profile Profile { get; }

    /// <summary>The person's browser, signed in at home.</summary>
    public SimulatedBrowser Browser { get; }

    /// <summary>Publishes a notice to everybody.</summary>
    /// <exception cref="SimulationException">The node refused, or was killed, so that nobody knows whether it was published.</exception>
    public Task<Notice> PublishAsync(string content, CancellationToken cancellationToken = default) =>
        PublishAsync(new NoticeDraft { Content = content }, cancellationToken);

    /// <summary>Publishes a notice.</summary>
    /// <exception cref="SimulationException">The node refused, or was killed, so that nobody knows whether it was published.</exception>
    public Task<Notice> PublishAsync(NoticeDraft draft, CancellationToken cancellationToken = default) => Node.CallAsync(
        async node => (await node.PublishAsync(Profile.Id, draft, null, cancellationToken).ConfigureAwait(false)).IsDone(out var notice, out var problem)
            ? notice
            : throw new SimulationException($"{Profile.Nickname} may not publish that: {problem}"),
        cancellationToken);

    /// <summary>Subscribes to somebody of the network, in the browser where the protocol asks for one: the whole dance.</summary>
    /// <exception cref="SimulationException">It did not work, and the message says what the person saw last.</exception>
    public Task FollowAsync(SimulatedPerson other, CancellationToken cancellationToken = default) =>
        Node.Network.DriveAsync(() => TryFollowAsync(other, cancellationToken), cancellationToken);

    /// <summary>Ends a subscription. The other service learns it with the next notice (OMB-57).</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> UnfollowAsync(SimulatedPerson other, CancellationToken cancellationToken = default) => Node.CallAsync(
        async node =>
        {
            var publishers = await node.ReadAsync(
                (session, ct) => session.Subscriptions.ListPublishersAsync(Profile.Id, null, 1_000, ct), cancellationToken).ConfigureAwait(false);
            return publishers.FirstOrDefault(entry => entry.Other.Uri == other.Profile.Uri) is { } found
                && await node.UnsubscribeAsync(Profile.Id, found.Subscription.Id, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>What the person reads, newest first; the 200 newest.</summary>
    public Task<EntryPage> HomeAsync(CancellationToken cancellationToken = default) =>
        Node.CallAsync(node => node.HomeAsync(Profile.Id, PageRequest.Newest(200), cancellationToken), cancellationToken);

    private async Task<bool> TryFollowAsync(SimulatedPerson other, CancellationToken cancellationToken)
    {
        var target = other.Node == Node ? other.Profile.Nickname : other.Profile.Url;
        var result = await Node.CallAsync(node => node.SubscribeAsync(Profile.Id, target, cancellationToken), cancellationToken).ConfigureAwait(false);
        switch (result)
        {
            case SubscribeResult.Continue next:
                await Browser.GetAsync(new Uri(next.Url), cancellationToken).ConfigureAwait(false);
                // A page of ours first shows who it is, with a link for visitors.
                if (Browser.Page is ProfilePage { RemoteSubscribeUrl: { Length: > 0 } address })
                    await Browser.GetAsync(new Uri(Browser.Location!, address), cancellationToken).ConfigureAwait(false);
                await Browser.SubscribeAsync(Profile.Url, cancellationToken).ConfigureAwait(false);
                await Browser.DecideAsync(true, cancellationToken).ConfigureAwait(false);
                return Browser.Status == 200 ? true : throw Failed(Browser.Describe());
            case SubscribeResult.Refused refused:
                throw Failed(refused.Reason);
            default:
                return true;
        }

        SimulationException Failed(string why) =>
            new($"{Profile.Nickname} of {Node.BaseUri.Authority} cannot follow {other.Profile.Nickname} of {other.Node.BaseUri.Authority}: {why}");
    }
}
