namespace Microblog.Delivery;

/// <summary>Tells this process's workers that something may have come due. Losing a call costs one poll interval, nothing else.</summary>
public sealed class DeliverySignal
{
    internal WakeUp Lanes { get; } = new();

    internal WakeUp FanOut { get; } = new();

    /// <summary>Something was published, or a lane may go on.</summary>
    public void Wake()
    {
        Lanes.Set();
        FanOut.Set();
    }
}
