namespace Microblog.Delivery;

/// <summary>How deliveries go out.</summary>
public sealed class DeliveryOptions
{
    /// <summary>Whether this process delivers to other services. Default: yes. Local followers are reached either way.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Lanes sent at the same time to living destinations. Default 32.</summary>
    public int ParallelLanes { get; set; } = 32;

    /// <summary>Lanes sent at the same time to failing destinations, in slots of their own. Default 4.</summary>
    public int ParallelFailingLanes { get; set; } = 4;

    /// <summary>Lanes of one destination at the same time. Default 8.</summary>
    public int PerDestination { get; set; } = 8;

    /// <summary>Deliveries taken from a lane at once. Default 20.</summary>
    public int BatchSize { get; set; } = 20;

    /// <summary>How long a leased lane is hidden from other workers. Default two minutes; more than a batch may take.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the queue is looked at when nothing wakes the worker. Default one second.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before the first retry; doubled with every further failure, of which a random part is taken. Default ten seconds.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait between two tries. Default one hour.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For how long a delivery is tried before it is given up and listed as failed. Default seven days.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(7);
}
