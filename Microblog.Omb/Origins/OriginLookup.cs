using Microblog.Atom;
using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Remote;
using Microblog.Storage;
using Microblog.WebSub;
using Microsoft.Extensions.Logging;

namespace Microblog.Omb.Origins;

/// <summary>Reads the machine form of remote notices in the background: what they answer, and whether they are proven (OMB-65, OMB-67).</summary>
/// <remarks>Rides on the delivery queue, which is durable, bounded and patient. What is there decides; a host that does not answer is asked again as a delivery would be.</remarks>
internal sealed class OriginLookup(RemoteClient client, IMicroblogStore store, FeedNews feeds, ILogger<OriginLookup> logger) : ILaneProtocol
{
    private const int MaxBytes = 256 * 1024;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    public string Name => OriginQueue.Protocol;

    public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken) =>
        LaneBatch.SendInOrderAsync(
            lane,
            (item, ct) => LookUpAsync(item, lane.Lane, ct),
            cancellationToken);

    private async ValueTask<DeliveryOutcome> LookUpAsync(DeliveryEvent item, Lane lane, CancellationToken cancellationToken)
    {
        var (copies, author) = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => (
                await session.Notices.FindAsync(NoticeUri.Parse(item.Data), ct).ConfigureAwait(false),
                await session.Profiles.FindAsync(lane.Author, ct).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        if (copies.FirstOrDefault(n => n.Id == item.Notice) is not { } notice || author is null)
            return DeliveryOutcome.Delivered;

        var address = new Uri(notice.Url);
        var request = RemoteRequest.Get(address, AtomEntry.MediaType) with
        {
            MaxBytes = MaxBytes,
            Timeout = TimeLimit,
            // The word counts only where the identifier's host gives it, redirects included.
            MayFollow = (_, to) => WebAddress.HostOf(to.AbsoluteUri) == lane.Destination,
        };
        var result = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        // A host that does not answer is failing, and leaves the slots of the living.
        if (result is RemoteResult.Failed { Reason: RemoteFailure.TimedOut or RemoteFailure.ConnectionFailed } silent)
            return new DeliveryOutcome.TryAgain(silent.Detail, null, IsDestinationFailing: true);
        if (result is not RemoteResult.Answered { Status: 200, MediaType: "application/atom+xml" } answered
            || AtomEntry.Read(answered.Body) is not { } entry)
        {
            logger.OriginNotRecovered(notice.Url, result is RemoteResult.Failed failed ? failed.Detail : "no Atom entry there");
            return DeliveryOutcome.Delivered;
        }

        if (entry.Id != notice.Uri.Value || entry.AuthorUri != author.Uri.Value)
        {
            logger.OriginNotRecovered(notice.Url, "the entry there is another notice's");
            return DeliveryOutcome.Delivered;
        }

        var replyTo = NoticeUri.TryParse(entry.ReplyTo, out var uri) ? uri.Value : "";
        var isProven = address.Scheme == Uri.UriSchemeHttps && answered.FinalUri.Scheme == Uri.UriSchemeHttps && entry.Content == notice.Content;
        if (replyTo.Length == 0 && !isProven)
            return DeliveryOutcome.Delivered;
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Notices.RecordOriginAsync(notice.Id, replyTo, isProven, ct).ConfigureAwait(false);
                // From now on everybody may see it, also where newer ones have been sent.
                if (isProven)
                    await feeds.TellAsync(session, notice.Id, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return DeliveryOutcome.Delivered;
    }
}
