using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresDeliveries(PostgresSession session) : IDeliveryStore
{
    public ValueTask<IReadOnlyList<LaneStatus>> ListWaitingAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<LaneStatus?> FindLaneAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<DeliveryEvent>> ListEventsAsync(long lane, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FailedDelivery?> FindFailedAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(ProfileId author, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<DestinationStatus>> ListDestinationsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask EnqueueAsync(DeliveryEvent item, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Lease> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> SettleAsync(IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> RetryAllAsync(string host, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ProbeAsync(string host, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> PruneAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();
}
