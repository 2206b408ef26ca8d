using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>The built-in hub's address: takes requests and has them confirmed. Whoever asks is answered before anything goes out.</summary>
internal sealed class HubRoutes(
    IMicroblogStore store, FeedLists lists, NodeAddresses addresses, ISecretProtector protector, DeliverySignal signal, IOptions<WebSubOptions> options)
    : INodeRoutes
{
    /// <summary>Below the node's base.</summary>
    public const string Path = "/websub/hub";

    private const int MaxBytes = 8 * 1024;

    private readonly HubRequest reader = new(protector, addresses, options.Value);

    public IEnumerable<NodeRoute> Routes => options.Value.Hub is not null ? [] :
    [
        new NodeRoute { Method = "POST", Template = Path, MaxBodyBytes = MaxBytes, Rate = RateClass.Open, Handler = AskAsync },
    ];

    private async ValueTask<NodeResponse> AskAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        if (!reader.Read(NodeForm.OfBody(request), ClientNetwork.Of(request.RemoteAddress)).IsDone(out var intent, out var problem))
            return Refuse(400, problem);
        var isThere = await store.ReadAsync(
            Freshness.MayLag, async (session, ct) => await lists.FindAsync(session, intent.Topic, ct).ConfigureAwait(false) is not null, cancellationToken)
            .ConfigureAwait(false);
        // To end what was once subscribed to needs no feed.
        if (intent.IsSubscribe && !isThere)
            return Refuse(404, "hub.topic is no feed of this node. Use the address that the feed's link “self” says.");
        if (!await QueueAsync(intent, cancellationToken).ConfigureAwait(false))
            return Refuse(503, "Too many requests wait to be confirmed by the host of hub.callback. Come again later.").With("Retry-After", "60");
        signal.Wake();
        return NodeResponse.Text(202, "The callback will be asked to confirm it.");
    }

    private ValueTask<bool> QueueAsync(HubIntent intent, CancellationToken cancellationToken) => store.ExecuteAsync(
        (session, ct) => session.Deliveries.EnqueueForAsync(
            new Lane(default, IntentVerifier.Protocol, intent.Callback, WebAddress.HostOf(intent.Callback)),
            new DeliveryEvent { Author = default, Kind = DeliveryEventKind.Lookup, Data = intent.Write() },
            options.Value.RequestsPerHost,
            ct),
        cancellationToken);

    private static NodeResponse Refuse(int status, string problem) => NodeResponse.Text(status, problem) with { Refusal = new Refusal("WebSub", problem) };
}
