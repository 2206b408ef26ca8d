using System.Globalization;
using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.Cli.Queue;

/// <summary>The queue at one moment, with the names of those whose events wait.</summary>
internal sealed class QueuePicture
{
    private readonly Dictionary<ProfileId, string> names = [];

    private QueuePicture(QueueDepth depth, IReadOnlyList<DestinationStatus> destinations, IReadOnlyList<LaneStatus> waiting, IReadOnlyList<FailedDelivery> failed)
    {
        Depth = depth;
        Destinations = destinations;
        Waiting = waiting;
        Failed = failed;
    }

    private QueueDepth Depth { get; }

    private IReadOnlyList<DestinationStatus> Destinations { get; }

    private IReadOnlyList<LaneStatus> Waiting { get; }

    private IReadOnlyList<FailedDelivery> Failed { get; }

    public static async ValueTask<QueuePicture> TakeAsync(IReadSession session, int count, CancellationToken cancellationToken)
    {
        var picture = new QueuePicture(
            await session.Deliveries.MeasureAsync(cancellationToken),
            await session.Deliveries.ListDestinationsAsync(count, cancellationToken),
            await session.Deliveries.ListWaitingAsync(count, cancellationToken),
            await session.Deliveries.ListFailedAsync(count, cancellationToken));
        foreach (var author in picture.Waiting.Select(lane => lane.Lane.Author).Concat(picture.Failed.Select(failed => failed.Lane.Author)).Distinct())
            picture.names[author] = (await session.Profiles.FindAsync(author, cancellationToken))?.Nickname ?? $"{author.Value}";
        return picture;
    }

    public void Write(Action<string> say)
    {
        say($"{Depth.Lanes} lanes wait, {Depth.FailingDestinations} destinations fail"
            + (Depth.OldestSince is { } since ? $", the oldest delivery waits since {Moment(since)}." : "."));
        foreach (var destination in Destinations)
            say(Describe(destination));
        foreach (var lane in Waiting)
        {
            say($"lane {lane.Id}: {names[lane.Lane.Author]} → {lane.Lane.Endpoint}, {(lane.Waiting >= 1000 ? "1000 or more" : lane.Waiting)} waiting"
                + (lane.FailingSince is { } failing ? $", failing since {Moment(failing)} ({lane.Attempts} attempts: {lane.Failure})" : "")
                + (lane.NextAttempt is { } next ? $", next at {Moment(next)}" : ""));
        }

        say(Failed.Count == 0 ? "Nothing was given up." : "Given up, the last first; “microblog queue retry NUMBER” sends one again:");
        foreach (var failed in Failed)
            say($"{failed.Id}: {Name(failed.Event)} of {names[failed.Lane.Author]} → {failed.Lane.Endpoint}, given up {Moment(failed.At)}: {failed.Reason}");
    }

    private static string Describe(DestinationStatus destination) =>
        $"destination {destination.Host} ({destination.Protocol}): "
        + (destination.FailingSince is { } failing ? $"failing since {Moment(failing)} ({destination.Failure})" : "living")
        + (destination.NotBefore is { } next ? $", left alone until {Moment(next)}" : "")
        + (destination.Waiting == 1 ? ", 1 lane waits" : $", {(destination.Waiting >= 1000 ? "1000 or more" : destination.Waiting)} lanes wait")
        + (destination.OldestSince is { } oldest ? $", the oldest delivery since {Moment(oldest)}" : "");

    private static string Name(DeliveryEvent item) => item.Kind switch
    {
        DeliveryEventKind.Notice => $"notice {item.Notice.Value}",
        DeliveryEventKind.Profile => "profile change",
        _ => "look-up",
    };

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
