namespace Microblog.Testing.Simulation;

/// <summary>A timer of a simulated clock.</summary>
internal sealed class SimulatedTimer(Scheduler scheduler, SimulatedProcess? process, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan period;

    public SimulatedProcess? Process => process;

    /// <summary>When it fires; <see langword="null"/> when it is off.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>The place of its last setting; earlier ones in the queue are stale.</summary>
    public long Order { get; set; }

    public void Fire()
    {
        // Switched off between coming due and its turn.
        if (Due is null)
            return;
        Due = null;
        if (period > TimeSpan.Zero)
            scheduler.Set(this, period);
        callback(state);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        this.period = period;
        Due = null;
        Order = 0;
        if (dueTime != Timeout.InfiniteTimeSpan)
            scheduler.Set(this, dueTime);
        return true;
    }

    public void Dispose()
    {
        Due = null;
        Order = 0;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
