using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Delivery;

/// <summary>Carries a notice on to the local followers and lanes that its publication left, in small steps, and cleans up behind.</summary>
internal sealed class FanOutWorker(
    IMicroblogStore store, DeliverySignal signal, QueueGauges gauges, TaskStarter starter, TimeProvider clock,
    IOptions<MicroblogOptions> options, ILogger<FanOutWorker> logger) : NodeWorker(starter)
{
    // Small, because everybody else's write waits for one step at most.
    private const int StepRows = 100;
    private const int PruneRows = 500;
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var nextTidying = clock.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ContinueAsync(stoppingToken).ConfigureAwait(false);
                if (clock.GetUtcNow() >= nextTidying)
                    nextTidying = await TidyAsync(stoppingToken).ConfigureAwait(false);
                await signal.FanOut.WaitAsync(options.Value.Delivery.PollInterval, clock, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it did not do is there at the next start.
                return;
            }
            catch (Exception e)
            {
                logger.WorkerFailed(e, FailureDelay);
                await PauseAsync(FailureDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ContinueAsync(CancellationToken stoppingToken)
    {
        while (await StepAsync(stoppingToken).ConfigureAwait(false))
        {
            signal.Lanes.Set();
            signal.WakeReaders();
        }

        signal.WakeReaders();
    }

    private async Task<bool> StepAsync(CancellationToken stoppingToken)
    {
        using var drawn = store.Ids.Draw();
        return await store.ExecuteAsync(
            (session, ct) => session.Notices.ContinueAsync(StepRows, drawn.Position, ct), stoppingToken).ConfigureAwait(false);
    }

    private async Task<DateTimeOffset> TidyAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        await gauges.MeasureAsync(store, stoppingToken).ConfigureAwait(false);
        var gone = await store.ExecuteAsync(
            async (session, ct) => await session.Credentials.PruneAsync(now, PruneRows, ct).ConfigureAwait(false)
                + await session.Deliveries.PruneAsync(PruneRows, ct).ConfigureAwait(false),
            stoppingToken).ConfigureAwait(false);
        // Full: there is more, so go on soon.
        return gone >= PruneRows ? now : now + TidyInterval;
    }
}
