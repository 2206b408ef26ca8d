using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Search;

/// <summary>Has the store take up what is new, has changed or is gone, so that it is found: in small steps, beside everybody else's work.
/// Nobody who writes waits for it.</summary>
internal sealed class SearchWorker(
    IMicroblogStore store, DeliverySignal signal, SearchGauges gauges, TaskStarter starter, TimeProvider clock,
    IOptions<MicroblogOptions> options, ILogger<SearchWorker> logger) : NodeWorker(starter)
{
    // Small, because everybody else's write waits for one step at most.
    private const int StepRows = 50;

    // Notices that come one after the other are taken up together. Together with a step this stays well below a second.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    private DateTimeOffset? reportAt;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(stoppingToken).ConfigureAwait(false);
                await signal.Search.WaitAsync(options.Value.Delivery.PollInterval, clock, stoppingToken).ConfigureAwait(false);
                await PauseAsync(Together, clock, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it did not do is there at the next start.
                return;
            }
            catch (Exception e)
            {
                logger.SearchFailed(e, FailureDelay);
                await PauseAsync(FailureDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task CatchUpAsync(CancellationToken stoppingToken)
    {
        while (await MeasureAsync(stoppingToken).ConfigureAwait(false) is { IsBehind: true } state)
        {
            Report(state);
            var begun = clock.GetTimestamp();
            var result = await store.ExecuteAsync((session, ct) => session.Search.IndexAsync(StepRows, state.Horizon, ct), stoppingToken).ConfigureAwait(false);
            if (result == IndexResult.Done)
                break;
            // Half of the time is left to others: a notice that somebody waits to have stored comes before one that somebody might look for.
            // And whoever is at it elsewhere may have begun before ours was there.
            var pause = result == IndexResult.Elsewhere ? Together : clock.GetElapsedTime(begun);
            if (pause > TimeSpan.Zero)
                await PauseAsync(pause, clock, stoppingToken).ConfigureAwait(false);
        }

        await MeasureAsync(stoppingToken).ConfigureAwait(false);
    }

    // A number of our own says up to where all others are known to be visible (ISearchStore.IndexAsync).
    private async Task<SearchState> MeasureAsync(CancellationToken stoppingToken)
    {
        using var mark = store.Ids.Draw();
        var state = await store.ReadAsync(Freshness.Latest, (session, ct) => session.Search.MeasureAsync(ct), stoppingToken).ConfigureAwait(false);
        gauges.State = state;
        if (state.OlderThan is null && reportAt is not null)
        {
            reportAt = null;
            logger.SearchComplete();
        }

        return state;
    }

    private void Report(SearchState state)
    {
        if (state.OlderThan is not { } moment || clock.GetUtcNow() < reportAt)
            return;
        reportAt = clock.GetUtcNow() + ReportInterval;
        logger.SearchTakesUpOld(moment);
    }
}
