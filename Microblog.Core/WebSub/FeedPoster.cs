using System.Text;
using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Identity;
using Microblog.Remote;
using Microblog.Text;

namespace Microblog.WebSub;

/// <summary>Posts a feed to one callback, signed if it gave a secret (W3C WebSub §7, §8), and says what the answer means.</summary>
internal sealed class FeedPoster(RemoteClient client, NodeAddresses addresses, ISecretProtector protector, TimeProvider clock)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    public async ValueTask<DeliveryOutcome> PostAsync(HubSubscription subscription, FeedPacket packet, CancellationToken cancellationToken)
    {
        var body = packet.Format.Write(packet.Feed, addresses);
        List<KeyValuePair<string, string>> headers = [.. FeedHub.LinksOf(packet.Feed)];
        if (!subscription.ProtectedSecret.IsEmpty)
        {
            if (HubSecret.Sign(protector, subscription.ProtectedSecret.Span, body) is not { } signature)
                return new DeliveryOutcome.TryAgain("The subscriber's secret cannot be read: the key that protects it is missing.", null, false);
            headers.Add(new("X-Hub-Signature", signature));
        }

        return await PostAsync(subscription.Callback, body, packet.Format.ContentType, headers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Posts anything. Every answer from 200 to 299 is a success, and 410 says that nobody is there any more (W3C WebSub §7).</summary>
    public async ValueTask<DeliveryOutcome> PostAsync(
        string address, ReadOnlyMemory<byte> body, string contentType, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        var request = new RemoteRequest
        {
            Method = HttpMethod.Post,
            Uri = new Uri(address),
            Body = body,
            ContentType = contentType,
            Headers = headers,
            Timeout = TimeLimit,
        };
        return await client.SendAsync(request, cancellationToken).ConfigureAwait(false) switch
        {
            RemoteResult.Answered { IsSuccess: true } => DeliveryOutcome.Delivered,
            RemoteResult.Answered { Status: 410 } => new DeliveryOutcome.Gone("410: nobody is there any more"),
            RemoteResult.Failed { Reason: RemoteFailure.Blocked } blocked => new DeliveryOutcome.Gone(blocked.Detail),
            RemoteResult.Answered answered => new DeliveryOutcome.TryAgain(
                ReasonOf(answered), answered.RetryAfter is { } wait ? clock.GetUtcNow() + wait : null, IsDestinationFailing: answered.Status >= 500),
            RemoteResult.Failed failed => new DeliveryOutcome.TryAgain(failed.Detail, null, IsDestinationFailing: true),
            _ => throw new InvalidOperationException("RemoteResult is a closed family."),
        };
    }

    private static string ReasonOf(RemoteResult.Answered answered)
    {
        var line = OneLine.Of(Encoding.UTF8.GetString(answered.Body.Span[..Math.Min(answered.Body.Length, 400)]), 200);
        return line.Length == 0 ? $"{answered.Status}" : $"{answered.Status}: {line}";
    }
}
