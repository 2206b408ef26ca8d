namespace Microblog.Delivery;

/// <summary>How deliveries go out. What is out of range ends the start with a message that names it.</summary>
public sealed class DeliveryOptions
{
    /// <summary>Whether this process delivers to other services. Default: yes. Local followers are reached either way.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Lanes sent at the same time to living destinations. Default 32; 1 to 1,000.</summary>
    public int ParallelLanes { get; set; } = 32;

    /// <summary>For how long a lane takes one of the <see cref="ParallelLanes"/>; then it moves to the slow ones. Default 20 milliseconds;
    /// 1 millisecond to 1 minute.</summary>
    /// <remarks>A destination that accepts nothing and answers nothing holds an ordinary slot so long, once, and not until the time-out.</remarks>
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Slow lanes at the same time, besides the others. Default 256; 0 to 10,000. When they are full, a slow lane keeps its ordinary slot.</summary>
    public int ParallelSlowLanes { get; set; } = 256;

    /// <summary>Lanes sent at the same time to failing destinations, in slots of their own. Default 16; 1 to 1,000.</summary>
    public int ParallelFailingLanes { get; set; } = 16;

    /// <summary>Lanes of one destination at the same time, over all processes. Default 8; 1 to 1,000.</summary>
    /// <remarks>In each process one goes ahead; the others wait, without a slot, until it has brought an answer.</remarks>
    public int PerDestination { get; set; } = 8;

    /// <summary>Deliveries taken from a lane at once. Default 20; 1 to 1,000.</summary>
    public int BatchSize { get; set; } = 20;

    /// <summary>How long a leased lane is hidden from other workers. Default two minutes; 30 seconds to 1 day. A batch may take half of it.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the queue is looked at when nothing wakes the worker. Default one second; 10 milliseconds to 1 hour.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before the first retry; doubled with every further failure, of which a random part is taken. Default ten seconds; 1 millisecond to 1 day.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait between two tries. Default one hour; at least <see cref="FirstRetry"/>, at most 7 days.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For how long a delivery is tried before it is given up and listed as failed. Default seven days; 1 millisecond to 365 days.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>For how long a lane to a living destination may be due without being sent before the node's health counts as degraded.
    /// Default five minutes; 1 second to 7 days.</summary>
    public TimeSpan LateAfter { get; set; } = TimeSpan.FromMinutes(5);
}
