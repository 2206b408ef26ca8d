namespace Microblog.Testing.Simulation;

/// <summary>A node's clock: the network's time, and how far this machine is off. Timers run by the network's time, for a wrong clock
/// does not make a machine slower.</summary>
internal sealed class SimulatedClock(Scheduler scheduler, SimulatedProcess? process, Func<TimeSpan> skew) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => scheduler.Now + skew();

    public override long GetTimestamp() => scheduler.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
