using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Delivery;

/// <summary>Leases due lanes, has them sent, and settles them. Living, slow and failing destinations have slots of their own,
/// so that a dead one costs the others nothing (OMB-134).</summary>
internal sealed class DeliveryWorker(
    IMicroblogStore store, LaneSender sender, GiveUps giveUps, DeliverySignal signal, TaskStarter starter, TimeProvider clock,
    IOptions<MicroblogOptions> options, ILogger<DeliveryWorker> logger) : NodeWorker(starter)
{
    // Of a lease. Sending may take half of it, so there is time left to settle.
    private const double LongestHold = 0.25;
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    private readonly DeliveryOptions settings = options.Value.Delivery;
    private readonly SettlementQueue settlements = new(store, starter);
    private readonly DestinationGate gate = new();

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!settings.IsEnabled)
            return;
        // What two settlements carry may wait for them.
        var back = 2 * store.LanesPerTransaction;
        var living = new LaneSlots(settings.ParallelLanes, settings.ParallelSlowLanes, back, settings.SlowAfter, clock);
        var failing = new LaneSlots(settings.ParallelFailingLanes, 0, back, settings.SlowAfter, clock);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
                await RunOnceAsync(living, failing, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what was sent is settled first, and what was not is given back.
        }

        await Task.WhenAll(living.Running.Concat(failing.Running)).ConfigureAwait(false);
    }

    private async Task RunOnceAsync(LaneSlots living, LaneSlots failing, CancellationToken stoppingToken)
    {
        try
        {
            var due = await FillAsync(living, isFailing: false, stoppingToken).ConfigureAwait(false);
            var dueFailing = await FillAsync(failing, isFailing: true, stoppingToken).ConfigureAwait(false);
            await signal.Lanes.WaitAsync(Pause(due, dueFailing, living), clock, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            logger.WorkerFailed(e, FailureDelay);
            await PauseAsync(FailureDelay, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<DateTimeOffset?> FillAsync(LaneSlots slots, bool isFailing, CancellationToken stoppingToken)
    {
        DateTimeOffset? nextDue = null;
        while (slots.Free is > 0 and var free)
        {
            var request = new LeaseRequest(settings.LeaseDuration, Math.Min(free, store.LanesPerTransaction), settings.BatchSize, settings.PerDestination, isFailing);
            var lease = await store.ExecuteAsync(
                (session, ct) => session.Deliveries.LeaseAsync(request, ct), stoppingToken).ConfigureAwait(false);
            foreach (var lane in lease.Lanes)
                Start(slots, lease.Token, lane, stoppingToken);
            nextDue = lease.NextDue;
            if (lease.Lanes.Count == 0)
                break;
        }

        return nextDue;
    }

    private void Start(LaneSlots slots, LeaseToken token, LeasedLane lane, CancellationToken stoppingToken)
    {
        // Entered here, in the order of the lease; a lane that is held takes no slot, so that others are leased instead.
        var mayGo = gate.EnterAsync(lane.Lane);
        var trip = new LaneSlots.Trip();
        if (mayGo.IsCompleted)
            trip.Go(clock);
        trip.Task = Starter.Start(() => SendAsync(token, lane, mayGo, trip, stoppingToken));
        slots.Add(trip);
    }

    private async Task SendAsync(LeaseToken token, LeasedLane lane, Task<bool> mayGo, LaneSlots.Trip trip, CancellationToken stoppingToken)
    {
        var hasAnswered = false;
        IReadOnlyList<RefusedDelivery> refused = [];
        try
        {
            var leased = clock.GetTimestamp();
            var goes = await mayGo.ConfigureAwait(false) && clock.GetElapsedTime(leased) < settings.LeaseDuration * LongestHold;
            trip.Go(clock);
            var settlement = goes
                ? await sender.SendAsync(token, lane, stoppingToken).ConfigureAwait(false)
                : LaneSender.Released(token, lane);
            trip.ComeBack();
            // A slot is free.
            signal.Lanes.Set();
            if (await settlements.SettleAsync(settlement).ConfigureAwait(false))
                refused = settlement.Refused;
            hasAnswered = goes && !settlement.IsDestinationFailing;
        }
        catch (Exception e)
        {
            // Not settled, so its lease runs out and the batch is sent again.
            logger.SendFailed(e, lane.Lane.Endpoint, lane.Lane.Destination);
        }

        // Settled first: those that wait for this one find the destination failing, if it is.
        gate.Leave(lane.Lane, hasAnswered);
        await giveUps.TellAsync(lane, refused, stoppingToken).ConfigureAwait(false);
        // The lane may have more.
        signal.Lanes.Set();
    }

    private TimeSpan Pause(DateTimeOffset? first, DateTimeOffset? second, LaneSlots living)
    {
        var now = clock.GetUtcNow();
        var due = first is null || second < first ? second : first;
        // What is due and could not be leased waits for a slot: whoever frees one wakes us, or a slow lane leaves its own.
        var pause = due is { } at && at > now && at - now < settings.PollInterval ? at - now : settings.PollInterval;
        return living.Free <= 0 && living.NextMove is { } move && move < pause ? move : pause;
    }
}
