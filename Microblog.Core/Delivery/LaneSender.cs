using Microblog.Diagnostics;
using Microblog.Federation;
using Microblog.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Delivery;

/// <summary>Has one leased lane sent by its protocol and says how far it got and when it goes on.</summary>
internal sealed class LaneSender(
    IEnumerable<ILaneProtocol> protocols, TimeProvider clock, RandomSource random, IOptions<MicroblogOptions> options, ILogger<LaneSender> logger)
{
    private static readonly DeliveryOutcome.TryAgain TookTooLong = new("The answer took longer than half a lease.", null, true);

    private readonly DeliveryOptions settings = options.Value.Delivery;

    /// <summary>Gives the lane back as it was.</summary>
    public static LaneSettlement Released(LeaseToken token, LeasedLane lane) => new(token, lane.Id, 0, [], null, "", false, IsReleased: true);

    /// <summary>Whether a delivery that fails once more is given up. A notice carries its age in its number; a profile change is as old as the
    /// failing of its lane.</summary>
    public static bool IsTooOld(LeasedLane lane, DeliveryEvent item, DateTimeOffset now, TimeSpan giveUpAfter)
    {
        var since = item.Notice.IsNone ? lane.FailingSince : item.Notice.AcceptedAt;
        return lane.FailingSince is not null && since is { } begin && now - begin > giveUpAfter;
    }

    public async Task<LaneSettlement> SendAsync(LeaseToken token, LeasedLane lane, CancellationToken cancellationToken)
    {
        using var activity = MicroblogTelemetry.Activities.StartActivity("microblog.deliver");
        activity?.SetTag("microblog.destination", lane.Lane.Destination);
        var started = clock.GetTimestamp();
        // A slow peer must not outlast the lease, or another worker would send the same again beside us.
        using var deadline = new CancellationTokenSource(settings.LeaseDuration * 0.5, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        IReadOnlyList<DeliveryOutcome> outcomes;
        try
        {
            outcomes = protocols.FirstOrDefault(p => p.Name == lane.Lane.Protocol) is { } protocol
                ? await protocol.SendAsync(lane, either.Token).ConfigureAwait(false)
                : [new DeliveryOutcome.TryAgain($"This node does not speak {lane.Lane.Protocol} any more.", null, false)];
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            outcomes = [DeliveryOutcome.Stopped];
        }
        catch (Exception e)
        {
            logger.SendFailed(e, lane.Lane.Endpoint, lane.Lane.Destination);
            outcomes = [new DeliveryOutcome.TryAgain("Our own fault; the log has the details.", null, false)];
        }

        DeliveryMetrics.Record(outcomes, clock.GetElapsedTime(started));
        return Settle(token, lane, outcomes, cancellationToken.IsCancellationRequested);
    }

    private LaneSettlement Settle(LeaseToken token, LeasedLane lane, IReadOnlyList<DeliveryOutcome> outcomes, bool isStopping)
    {
        var through = 0L;
        var refused = new List<RefusedDelivery>();
        for (var i = 0; i < outcomes.Count && i < lane.Events.Count; i++)
        {
            var number = lane.Events[i].Number;
            switch (outcomes[i])
            {
                case DeliveryOutcome.TryAgain later when !IsTooOld(lane, lane.Events[i]):
                    return Postpone(token, lane, through, refused, later, number);
                case DeliveryOutcome.TryAgain given:
                    refused.Add(new RefusedDelivery(number, $"Given up after {settings.GiveUpAfter.TotalDays:0.#} days: {given.Reason}"));
                    // The destination is no more alive than before, so the next one waits, and stays among the failing.
                    return Postpone(token, lane, number, refused, given, number);
                case DeliveryOutcome.Interrupted when isStopping || through > 0:
                    return Released(token, lane) with { Through = through, Refused = refused };
                case DeliveryOutcome.Interrupted:
                    // Half a lease was not enough for one delivery. Given back, it would be tried again without a wait.
                    return Postpone(token, lane, through, refused, TookTooLong, number);
                case DeliveryOutcome.Refused no:
                    refused.Add(new RefusedDelivery(number, no.Reason));
                    break;
                case DeliveryOutcome.Gone gone:
                    // The subscription has ended in the store already, and the lane with it; settling it changes nothing.
                    logger.LaneGone(lane.Lane.Endpoint, gone.Reason);
                    return new LaneSettlement(token, lane.Id, lane.Events[^1].Number, refused, null, "", false);
            }

            through = number;
        }

        return new LaneSettlement(token, lane.Id, through, refused, null, "", false);
    }

    private LaneSettlement Postpone(
        LeaseToken token, LeasedLane lane, long through, List<RefusedDelivery> refused, DeliveryOutcome.TryAgain later, long number)
    {
        var now = clock.GetUtcNow();
        // Something went through in this batch, so this is the first failure in a row.
        var failures = through > 0 ? 0 : lane.Attempts;
        var longest = settings.FirstRetry * Math.Pow(2, Math.Min(failures, 30));
        var retryAt = now + random.PartOf(longest < settings.LongestRetry ? longest : settings.LongestRetry);
        if (later.NotBefore is { } asked && asked > retryAt)
            retryAt = asked < now + settings.GiveUpAfter ? asked : now + settings.LongestRetry;
        logger.DeliveryWaits(number, lane.Lane.Endpoint, retryAt, later.Reason);
        return new LaneSettlement(token, lane.Id, through, refused, retryAt, later.Reason, later.IsDestinationFailing);
    }

    private bool IsTooOld(LeasedLane lane, DeliveryEvent item) => IsTooOld(lane, item, clock.GetUtcNow(), settings.GiveUpAfter);
}
