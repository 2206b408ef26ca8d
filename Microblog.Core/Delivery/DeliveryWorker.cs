using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Delivery;

/// <summary>Leases due lanes, has them sent, and settles them. Living and failing destinations have slots of their own,
/// so that a dead one costs the others nothing (OMB-134).</summary>
internal sealed class DeliveryWorker(
    IMicroblogStore store, LaneSender sender, DeliverySignal signal, TaskStarter starter, TimeProvider clock,
    IOptions<MicroblogOptions> options, ILogger<DeliveryWorker> logger) : NodeWorker(starter)
{
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    private readonly DeliveryOptions settings = options.Value.Delivery;
    private readonly SettlementQueue settlements = new(store, starter);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!settings.IsEnabled)
            return;
        var living = new Slots(settings.ParallelLanes);
        var failing = new Slots(settings.ParallelFailingLanes);
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

    private async Task RunOnceAsync(Slots living, Slots failing, CancellationToken stoppingToken)
    {
        try
        {
            var due = await FillAsync(living, isFailing: false, stoppingToken).ConfigureAwait(false);
            var dueFailing = await FillAsync(failing, isFailing: true, stoppingToken).ConfigureAwait(false);
            await signal.Lanes.WaitAsync(Pause(due, dueFailing), clock, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            logger.WorkerFailed(e, FailureDelay);
            await Task.Delay(FailureDelay, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<DateTimeOffset?> FillAsync(Slots slots, bool isFailing, CancellationToken stoppingToken)
    {
        DateTimeOffset? nextDue = null;
        while (slots.Free > 0)
        {
            var request = new LeaseRequest(settings.LeaseDuration, Math.Min(slots.Free, store.LanesPerTransaction), settings.BatchSize, settings.PerDestination, isFailing);
            var lease = await store.ExecuteAsync(
                (session, ct) => session.Deliveries.LeaseAsync(request, ct), stoppingToken).ConfigureAwait(false);
            foreach (var lane in lease.Lanes)
                slots.Add(Starter.Start(() => SendAsync(lease.Token, lane, stoppingToken)));
            nextDue = lease.NextDue;
            if (lease.Lanes.Count == 0)
                break;
        }

        return nextDue;
    }

    private async Task SendAsync(LeaseToken token, LeasedLane lane, CancellationToken stoppingToken)
    {
        try
        {
            await settlements.SettleAsync(await sender.SendAsync(token, lane, stoppingToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Not settled, so its lease runs out and the batch is sent again.
            logger.SendFailed(e, lane.Lane.Endpoint, lane.Lane.Destination);
        }

        // A slot is free, and the lane may have more.
        signal.Lanes.Set();
    }

    private TimeSpan Pause(DateTimeOffset? first, DateTimeOffset? second)
    {
        var now = clock.GetUtcNow();
        var due = first is null || second < first ? second : first;
        // What is due and could not be leased waits for a slot; whoever frees one wakes us.
        return due is { } at && at > now && at - now < settings.PollInterval ? at - now : settings.PollInterval;
    }

    /// <summary>So many lanes at once. Used by the worker's loop alone.</summary>
    private sealed class Slots(int size)
    {
        private readonly List<Task> running = [];

        public int Free
        {
            get
            {
                running.RemoveAll(task => task.IsCompleted);
                return size - running.Count;
            }
        }

        public IEnumerable<Task> Running => running;

        public void Add(Task task) => running.Add(task);
    }
}
