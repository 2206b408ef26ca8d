namespace Microblog.Testing.Simulation;

/// <summary>One run of a node, from its start to its end. What belongs to a killed one never goes on: its continuations are dropped, as
/// SIGKILL drops a thread.</summary>
internal sealed class SimulatedProcess(Scheduler scheduler, Action<string> killed)
{
    private Action<string>? killed = killed;

    public bool IsAlive { get; private set; } = true;

    /// <summary>How many more steps it lives; <see langword="null"/> for as many as it likes.</summary>
    public int? StepsLeft { get; set; }

    /// <summary>How likely each step is its last.</summary>
    public double CrashChance { get; set; }

    public Scheduler Scheduler => scheduler;

    /// <summary>A point at which others get their turn and at which the process may be killed: before and after each transaction, when
    /// a request goes out, when one comes in, and when its answer arrives.</summary>
    /// <param name="what">What is about to happen, for the transcript.</param>
    public Task StepAsync(string what)
    {
        // Called from outside the network, as a test does between two advances: nothing else runs then, so there is no turn to take.
        if (!scheduler.IsInside)
            return Task.CompletedTask;
        if (!IsAlive)
            return Never();
        if (StepsLeft-- <= 0 || (CrashChance > 0 && scheduler.Random.NextDouble() < CrashChance))
        {
            killed!(what);
            return Never();
        }

        return scheduler.TurnAsync(this);
    }

    public void End()
    {
        IsAlive = false;
        // The next run's store comes from the last one's, which knows this process by its clock; without the way back to the services each run
        // would hold all before it.
        killed = null;
    }

    // Each time another one, or one task would hold for ever whatever waited for it.
    private static Task Never() => new TaskCompletionSource().Task;
}
