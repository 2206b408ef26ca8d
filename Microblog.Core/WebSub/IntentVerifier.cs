using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Feeds;
using Microblog.Remote;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>Asks callbacks whether they want what was asked for in their name (W3C WebSub §5.3), and does it when they do.</summary>
/// <remarks>Rides on the delivery queue, which is durable and bounded. Each request is tried once: it costs the other side one request, whoever
/// made it, and whoever missed it asks again.</remarks>
internal sealed class IntentVerifier(
    RemoteClient client, IMicroblogStore store, FeedLists lists, TimeProvider clock, IOptions<WebSubOptions> options, ILogger<IntentVerifier> logger)
    : ILaneProtocol
{
    /// <summary>The name of the lanes.</summary>
    public const string Protocol = "websub-intent";

    private const int ChallengeBytes = 24;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    public string Name => Protocol;

    public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken) =>
        LaneBatch.SendInOrderAsync(lane, (item, ct) => VerifyAsync(HubIntent.Read(item.Data), ct), cancellationToken);

    private async ValueTask<DeliveryOutcome> VerifyAsync(HubIntent intent, CancellationToken cancellationToken)
    {
        var host = WebAddress.HostOf(intent.Callback);
        if (!await IsConfirmedAsync(intent, cancellationToken).ConfigureAwait(false))
            logger.IntentNotConfirmed(intent.Mode, intent.Topic, host);
        else if (!intent.IsSubscribe)
            await store.ExecuteAsync((session, ct) => session.Hub.EndAsync(intent.Topic, intent.Callback, ct), cancellationToken).ConfigureAwait(false);
        else if (await store.ExecuteAsync((session, ct) => SubscribeAsync(session, intent, ct), cancellationToken).ConfigureAwait(false) is { } reason)
            await DenyAsync(client, intent.Topic, intent.Callback, reason, cancellationToken).ConfigureAwait(false);
        return DeliveryOutcome.Delivered;
    }

    /// <summary>Tells a callback that it gets nothing, or nothing more (W3C WebSub §5.2). Whether it listens is its own matter.</summary>
    public static async ValueTask DenyAsync(RemoteClient client, string topic, string callback, string reason, CancellationToken cancellationToken) =>
        await client.SendAsync(
            Ask(HubAddress.With(callback, ("hub.mode", "denied"), ("hub.topic", topic), ("hub.reason", reason))), cancellationToken).ConfigureAwait(false);

    private async ValueTask<bool> IsConfirmedAsync(HubIntent intent, CancellationToken cancellationToken)
    {
        // Nobody who cannot read what comes to the callback knows it.
        var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ChallengeBytes));
        (string, string)[] said = [("hub.mode", intent.Mode), ("hub.topic", intent.Topic), ("hub.challenge", challenge)];
        if (intent.IsSubscribe)
            said = [.. said, ("hub.lease_seconds", intent.LeaseSeconds)];
        var result = await client.SendAsync(Ask(HubAddress.With(intent.Callback, said)), cancellationToken).ConfigureAwait(false);
        return result is RemoteResult.Answered { IsSuccess: true } answered && answered.Body.Span.SequenceEqual(Encoding.ASCII.GetBytes(challenge));
    }

    /// <returns>Why not, or <see langword="null"/>.</returns>
    private async ValueTask<string?> SubscribeAsync(IStoreSession session, HubIntent intent, CancellationToken cancellationToken)
    {
        // The person may have left since.
        if (await lists.FindAsync(session, intent.Topic, cancellationToken).ConfigureAwait(false) is not var (list, _))
            return "There is no such feed any more.";
        var subscription = new HubSubscription
        {
            Topic = intent.Topic,
            Callback = intent.Callback,
            Author = list.Author,
            Network = intent.Network,
            ProtectedSecret = intent.ProtectedSecret,
            // From here on: what is there already the subscriber finds in the feed.
            Position = list.Author.IsNone
                ? (await list.ReadAsync(session.Timelines, PageRequest.Newest(1), cancellationToken).ConfigureAwait(false)).Next
                : default,
            Expires = clock.GetUtcNow() + intent.Lease,
        };
        var settings = options.Value;
        var limits = new HubLimits(settings.SubscriptionsPerFeed, settings.SubscriptionsPerHost, settings.SubscriptionsPerNetwork, settings.SubscriptionsToLists);
        return await session.Hub.SaveAsync(subscription, limits, cancellationToken).ConfigureAwait(false) ? null : "This node has no room for more subscriptions.";
    }

    // A redirect is no confirmation.
    private static RemoteRequest Ask(Uri address) => RemoteRequest.Get(address) with { MaxBytes = 1024, MaxRedirects = 0, Timeout = TimeLimit };
}
