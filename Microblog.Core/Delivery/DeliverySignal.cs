using Microblog.Scheduling;

namespace Microblog.Delivery;

/// <summary>Tells this process's workers that something may have come due. Losing a call costs one poll interval, nothing else.</summary>
/// <param name="starter">Starts what goes on.</param>
public sealed class DeliverySignal(TaskStarter starter)
{
    internal WakeUp Lanes { get; } = new(starter);

    internal WakeUp FanOut { get; } = new(starter);

    internal WakeUp Search { get; } = new(starter);

    /// <summary>A notice has come, or says something else now: search takes it up.</summary>
    public void NoticeArrived() => Search.Set();

    /// <summary>Something was published, or a lane may go on.</summary>
    public void Wake()
    {
        Lanes.Set();
        FanOut.Set();
        Search.Set();
    }
}
