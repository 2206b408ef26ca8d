using Microblog.Delivery;

namespace Microblog.Pages;

/// <summary>The delivery queue, for operators: what waits, what was given up, and why.</summary>
public sealed record QueuePage : Page
{
    /// <inheritdoc/>
    public override string Title => "Delivery queue";

    /// <summary>How full it is.</summary>
    public required QueueDepth Depth { get; init; }

    /// <summary>Destinations that fail, longest failing first, then those with something to send.</summary>
    public IReadOnlyList<DestinationStatus> Destinations { get; init; } = [];

    /// <summary>Lanes with something to send, longest failing first.</summary>
    public required IReadOnlyList<LaneStatus> Waiting { get; init; }

    /// <summary>Deliveries that were given up, newest first.</summary>
    public required IReadOnlyList<FailedDelivery> Failed { get; init; }

    /// <summary>The number of the delivery that was looked for, as the log calls it; then only its lanes and failures are listed. 0 for all.</summary>
    public long Delivery { get; init; }
}

/// <summary>The story of one lane, for operators: whose deliveries go where, what waits, and how sending goes.</summary>
public sealed record LanePage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Lane {Status.Id}";

    /// <summary>How it is.</summary>
    public required LaneStatus Status { get; init; }

    /// <summary>Whose deliveries; <see langword="null"/> when the person is gone.</summary>
    public required Profile? Author { get; init; }

    /// <summary>The first that wait, in order.</summary>
    public required IReadOnlyList<DeliveryEvent> Events { get; init; }

    /// <summary>For how long a failing delivery is tried.</summary>
    public required TimeSpan GiveUpAfter { get; init; }
}

/// <summary>The story of one delivery that was given up, for operators.</summary>
public sealed record FailedDeliveryPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Delivery {Failed.Event.Number}";

    /// <summary>What became of it.</summary>
    public required FailedDelivery Failed { get; init; }

    /// <summary>Whose; <see langword="null"/> when the person is gone.</summary>
    public required Profile? Author { get; init; }
}
