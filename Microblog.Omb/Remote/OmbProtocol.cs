using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Omb.Discovery;
using Microblog.Omb.Messages;

namespace Microblog.Omb.Remote;

/// <summary>Carries notices and profile changes of this node's people to their subscribers elsewhere.</summary>
internal sealed class OmbProtocol(
    PushSender sender, LaneReader reader, ProfileDiscovery discovery, NodeAddresses addresses)
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
        var content = await reader.ReadAsync(lane).ConfigureAwait(false);
        return await LaneBatch.SendInOrderAsync(
            lane,
            (item, ct) => content.Subscriptions.Count == 0 || content.Author is null
                ? new(new DeliveryOutcome.Gone("nobody listens there any more"))
                // Suspended: what waited is passed over, and not sent later either.
                : !content.Author.MayAct ? new(DeliveryOutcome.Delivered)
                : SendAsync(lane.Lane, item, content, ct),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<DeliveryOutcome> SendAsync(Lane lane, DeliveryEvent item, LaneContent content, CancellationToken cancellationToken)
    {
        switch (item.Kind)
        {
            case DeliveryEventKind.Notice:
                // Deleted meanwhile, or not for a protocol without audiences (OMB-137): there is nothing to say.
                return content.Notices.TryGetValue(item.Notice, out var notice) && notice.IsPublic
                    ? await sender.SendAsync(lane.Endpoint, PostNoticeMessage.Write(WithPicture(notice), content.Author!), content.Subscriptions, cancellationToken).ConfigureAwait(false)
                    : DeliveryOutcome.Delivered;
            case DeliveryEventKind.Profile:
                return await SendProfileAsync(content, cancellationToken).ConfigureAwait(false);
            default:
                return DeliveryOutcome.Delivered;
        }
    }

    // OMB has room for one address of additional content. Who is sent it may fetch it, for the notice is public (OMB-64 is theirs to keep).
    private Notice WithPicture(Notice notice) => notice.SeeAlso is null && notice.Attachments is [var first, ..]
        ? notice with { SeeAlso = new SeeAlso(addresses.AttachmentUrl(first.Id), IsInline: true, first.MediaType, notice.License) }
        : notice;

    // One update per updateProfile address, which need not be grouped as the postNotice addresses are (OMB-140).
    private async ValueTask<DeliveryOutcome> SendProfileAsync(LaneContent content, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OmbNames.Listenee, content.Author!.Uri.Value),
            .. PersonFields.Write(content.Author, addresses.AvatarUrl(content.Author), PersonFields.ListeneePrefix, withBlanks: true),
        ];
        DeliveryOutcome worst = DeliveryOutcome.Delivered;
        foreach (var group in content.Subscriptions.GroupBy(s => s.ProfileEndpoint, StringComparer.Ordinal).ToList())
        {
            var subscriptions = group.ToList();
            var outcome = await sender.SendAsync(group.Key, fields, subscriptions, cancellationToken).ConfigureAwait(false);
            content.Subscriptions.RemoveAll(s => s.ProfileEndpoint == group.Key && !subscriptions.Contains(s));
            if (outcome is DeliveryOutcome.TryAgain || (outcome is DeliveryOutcome.Refused && worst is not DeliveryOutcome.TryAgain))
                worst = outcome;
        }

        return content.Subscriptions.Count == 0 ? new DeliveryOutcome.Gone("nobody listens there any more") : worst;
    }
}
