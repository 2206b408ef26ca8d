using Microblog.Delivery;

namespace Microblog.Pages;

/// <summary>The delivery queue, for operators: what waits, what was given up, and why.</summary>
public sealed record QueuePage : Page
{
    /// <inheritdoc/>
    public override string Title => "Delivery queue";

    /// <summary>How full it is.</summary>
    public required QueueDepth Depth { get; init; }

    /// <summary>Lanes with something to send, longest failing first.</summary>
    public required IReadOnlyList<LaneStatus> Waiting { get; init; }

    /// <summary>Deliveries that were given up, newest first.</summary>
    public required IReadOnlyList<FailedDelivery> Failed { get; init; }
}
