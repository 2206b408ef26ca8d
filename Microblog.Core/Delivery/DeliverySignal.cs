using Microblog.Scheduling;

namespace Microblog.Delivery;

/// <summary>Tells this process's workers that something may have come due, and its live streams that something may be new. Losing a call
/// costs one poll interval, nothing else.</summary>
/// <param name="starter">Starts what goes on.</param>
public sealed class DeliverySignal(TaskStarter starter)
{
    internal WakeUp Lanes { get; } = new(starter);

    internal WakeUp FanOut { get; } = new(starter);

    internal WakeUp Search { get; } = new(starter);

    internal WakeUp Hub { get; } = new(starter);

    internal WakeUp Readers { get; } = new(starter);

    /// <summary>A notice has come, or says something else now: search takes it up, and live streams look for it.</summary>
    public void NoticeArrived()
    {
        Search.Set();
        Hub.Set();
        Readers.Set();
    }

    /// <summary>Something was published, or a lane may go on.</summary>
    public void Wake()
    {
        Lanes.Set();
        FanOut.Set();
        Search.Set();
        Hub.Set();
        Readers.Set();
    }

    /// <summary>Something was committed that people here may see, other than a notice.</summary>
    public void WakeReaders() => Readers.Set();
}
