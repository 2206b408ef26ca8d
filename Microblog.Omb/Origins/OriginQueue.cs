using Microblog.Delivery;
using Microblog.Omb.Service;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Origins;

/// <summary>Has the reply reference of a remote notice looked up where the notice can be read: OMB itself has none (OMB-67).</summary>
internal sealed class OriginQueue(IOptions<OmbOptions> options)
{
    /// <summary>The name of the lanes.</summary>
    public const string Protocol = "omb-origin";

    /// <summary>Only on the identifier's own host, and only where somebody is addressed: every look-up costs the other side a request.</summary>
    public bool IsWorthAsking(Notice notice, Grant grant) =>
        options.Value.OriginLookupsPerHost > 0
        && notice.Content.Contains('@', StringComparison.Ordinal)
        && WebAddress.HostOf(notice.Url) is { Length: > 0 } host
        && host == WebAddress.HostOf(grant.Listenee.Value);

    /// <summary>Queues the look-up in the transaction that stores the notice; when too many wait for that host it is left out.</summary>
    public async ValueTask EnqueueAsync(IStoreSession session, Notice notice, Grant grant, CancellationToken cancellationToken)
    {
        var host = WebAddress.HostOf(notice.Url);
        await session.Deliveries.EnqueueForAsync(
            new Lane(grant.Author, Protocol, host, host),
            new DeliveryEvent { Author = grant.Author, Kind = DeliveryEventKind.Lookup, Notice = notice.Id, Data = notice.Uri.Value },
            options.Value.OriginLookupsPerHost,
            cancellationToken).ConfigureAwait(false);
    }
}
