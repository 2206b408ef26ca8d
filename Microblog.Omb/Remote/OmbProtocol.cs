using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Omb.Discovery;
using Microblog.Omb.Messages;
using Microblog.Storage;

namespace Microblog.Omb.Remote;

/// <summary>Carries notices and profile changes of this node's people to their subscribers elsewhere.</summary>
internal sealed class OmbProtocol(
    PushSender sender, ProfileDiscovery discovery, IMicroblogStore store, NodeAddresses addresses)
    : IFederationProtocol
{
    public string Name => OmbNames.Protocol;

    /// <summary>OMB begins at the publisher's server (openmicroblogging.md §2), so the subscriber goes on there.</summary>
    public async ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken)
    {
        var typed = target.Contains("://", StringComparison.Ordinal) ? target : "https://" + target;
        if (!WebAddress.IsValid(typed))
            return null;
        return await discovery.DiscoverAsync(typed, cancellationToken).ConfigureAwait(false) switch
        {
            DiscoveryResult.Found found => new SubscribeResult.Continue(found.ProfileUrl.AbsoluteUri),
            DiscoveryResult.Failed failed => new SubscribeResult.Refused(failed.Detail),
            _ => throw new InvalidOperationException("DiscoveryResult is a closed family."),
        };
    }

    public async ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken)
    {
        var batch = await store.ReadAsync(Freshness.Latest, (session, ct) => LoadAsync(session, lane, ct), cancellationToken).ConfigureAwait(false);
        return await LaneBatch.SendInOrderAsync(
            lane,
            (item, ct) => batch.Subscriptions.Count == 0 || batch.Author is null
                ? new(new DeliveryOutcome.Gone("nobody listens there any more"))
                : SendAsync(lane.Lane, item, batch, ct),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<DeliveryOutcome> SendAsync(Lane lane, DeliveryEvent item, Batch batch, CancellationToken cancellationToken)
    {
        switch (item.Kind)
        {
            case DeliveryEventKind.Notice:
                // Deleted meanwhile, or not for a protocol without audiences (OMB-137): there is nothing to say.
                return batch.Notices.TryGetValue(item.Notice, out var notice) && notice.IsPublic
                    ? await sender.SendAsync(lane.Endpoint, PostNoticeMessage.Write(notice, batch.Author!), batch.Subscriptions, cancellationToken).ConfigureAwait(false)
                    : DeliveryOutcome.Delivered;
            case DeliveryEventKind.Profile:
                return await SendProfileAsync(batch, cancellationToken).ConfigureAwait(false);
            default:
                return DeliveryOutcome.Delivered;
        }
    }

    // One update per updateProfile address, which need not be grouped as the postNotice addresses are (OMB-140).
    private async ValueTask<DeliveryOutcome> SendProfileAsync(Batch batch, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OmbNames.Listenee, batch.Author!.Uri.Value),
            .. PersonFields.Write(batch.Author, addresses.AvatarUrl(batch.Author.Id), PersonFields.ListeneePrefix, withBlanks: true),
        ];
        DeliveryOutcome worst = DeliveryOutcome.Delivered;
        foreach (var group in batch.Subscriptions.GroupBy(s => s.ProfileEndpoint, StringComparer.Ordinal).ToList())
        {
            var subscriptions = group.ToList();
            var outcome = await sender.SendAsync(group.Key, fields, subscriptions, cancellationToken).ConfigureAwait(false);
            batch.Subscriptions.RemoveAll(s => s.ProfileEndpoint == group.Key && !subscriptions.Contains(s));
            if (outcome is DeliveryOutcome.TryAgain || (outcome is DeliveryOutcome.Refused && worst is not DeliveryOutcome.TryAgain))
                worst = outcome;
        }

        return batch.Subscriptions.Count == 0 ? new DeliveryOutcome.Gone("nobody listens there any more") : worst;
    }

    private static async ValueTask<Batch> LoadAsync(IReadSession session, LeasedLane lane, CancellationToken cancellationToken)
    {
        var author = await session.Profiles.FindAsync(lane.Lane.Author, cancellationToken).ConfigureAwait(false);
        var subscriptions = await session.Subscriptions.ListForEndpointAsync(
            lane.Lane.Author, lane.Lane.Protocol, lane.Lane.Endpoint, cancellationToken).ConfigureAwait(false);
        var notices = new Dictionary<NoticeId, Notice>();
        foreach (var item in lane.Events.Where(e => e.Kind == DeliveryEventKind.Notice))
        {
            if (await session.Notices.FindAsync(item.Notice, lane.Lane.Author, cancellationToken).ConfigureAwait(false) is { } found)
                notices[item.Notice] = found.Notice;
        }

        return new Batch(author is { IsDeleted: false } ? author : null, [.. subscriptions], notices);
    }

    private sealed record Batch(Profile? Author, List<Subscription> Subscriptions, Dictionary<NoticeId, Notice> Notices);
}
