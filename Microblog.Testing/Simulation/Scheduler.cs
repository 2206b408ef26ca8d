using System.Runtime.ExceptionServices;

namespace Microblog.Testing.Simulation;

/// <summary>Everything that happens in a simulated network, one step after the other on one thread. Which of several ready steps runs
/// next is drawn from the seed; when none is ready, time jumps to the next timer.</summary>
/// <remarks>This works because the engine awaits nothing but what is completed here: with no synchronization context a continuation
/// runs inside the step that completes its task.</remarks>
internal sealed class Scheduler(int seed, DateTimeOffset start)
{
    // Far more than anything that ends by itself takes within one instant.
    private const int MostStepsAtOnce = 1_000_000;

    private readonly Lock gate = new();
    private readonly List<Step> ready = [];
    private readonly PriorityQueue<SimulatedTimer, (DateTimeOffset Due, long Order)> timers = new();
    private DateTimeOffset now = start;
    private long order;
    private volatile int insideThread;
    private int stepsNow;
    private ExceptionDispatchInfo? failure;

    /// <summary>The source of every choice. A seeded <see cref="System.Random"/> gives the same numbers on every version of .NET.</summary>
    public Random Random { get; } = new(seed);

    public DateTimeOffset Now
    {
        get
        {
            lock (gate)
                return now;
        }
    }

    /// <summary>Whether the caller is a step.</summary>
    public bool IsInside => insideThread == Environment.CurrentManagedThreadId;

    /// <summary>How often something came from another thread while the network ran.</summary>
    public int Strays { get; private set; }

    /// <summary>How many steps have run.</summary>
    public long Steps { get; private set; }

    /// <summary>Has something done soon, unless its process is killed before.</summary>
    public void Post(SimulatedProcess? process, Action work)
    {
        lock (gate)
        {
            NoteStray();
            ready.Add(new Step(process, work));
        }
    }

    /// <summary>Completes after other steps have had their turn.</summary>
    public Task TurnAsync(SimulatedProcess? process)
    {
        var turn = new TaskCompletionSource();
        Post(process, turn.SetResult);
        return turn.Task;
    }

    /// <summary>Has something done after a time, unless its process is killed before.</summary>
    /// <returns>To be disposed when it shall not happen after all.</returns>
    public SimulatedTimer After(TimeSpan delay, SimulatedProcess? process, Action work)
    {
        var timer = new SimulatedTimer(this, process, _ => work(), null);
        Set(timer, delay);
        return timer;
    }

    public void Set(SimulatedTimer timer, TimeSpan delay)
    {
        lock (gate)
        {
            NoteStray();
            timer.Due = now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
            timers.Enqueue(timer, (timer.Due.Value, timer.Order = ++order));
        }
    }

    /// <summary>Lets whoever runs the network learn that something in it failed which nobody waits for.</summary>
    public void Fail(Exception exception) => failure ??= ExceptionDispatchInfo.Capture(exception);

    /// <summary>Does work that nobody waits for; its failure ends the run.</summary>
    public async Task WatchAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It surfaces from the call that runs the network.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
    }

    /// <summary>Runs steps until the condition holds.</summary>
    /// <returns>Whether it does; otherwise the time is now the limit and nothing more happens before it.</returns>
    public bool RunUntil(Func<bool> isDone, DateTimeOffset limit, CancellationToken cancellationToken)
    {
        if (IsInside)
            throw new InvalidOperationException("A step of the network cannot run the network.");
        if (Interlocked.CompareExchange(ref insideThread, Environment.CurrentManagedThreadId, 0) != 0)
            throw new InvalidOperationException("Another thread runs the network.");
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (!isDone())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isOver = !RunNext() && !Jump(limit);
                Interlocked.Exchange(ref failure, null)?.Throw();
                if (isOver)
                    return isDone();
            }

            return true;
        }
        finally
        {
            insideThread = 0;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void NoteStray()
    {
        if (insideThread != 0 && !IsInside)
            Strays++;
    }

    private bool RunNext()
    {
        Step step;
        lock (gate)
        {
            if (ready.Count == 0)
                return false;
            var chosen = Random.Next(ready.Count);
            step = ready[chosen];
            ready[chosen] = ready[^1];
            ready.RemoveAt(ready.Count - 1);
        }

        if (step.Process is { IsAlive: false })
            return true;
        Steps++;
        if (++stepsNow > MostStepsAtOnce)
            throw new SimulationException($"Time stands still at {Now:u}: something goes on without ever waiting.");
        step.Work();
        return true;
    }

    // All timers of the next instant become ready together, so that their order is drawn too.
    private bool Jump(DateTimeOffset limit)
    {
        lock (gate)
        {
            while (timers.TryPeek(out var stale, out var key) && stale.Order != key.Order)
                timers.Dequeue();
            if (!timers.TryPeek(out var next, out _) || next.Due > limit)
            {
                if (limit != DateTimeOffset.MaxValue && limit > now)
                    now = limit;
                return false;
            }

            now = next.Due!.Value;
            stepsNow = 0;
            while (timers.TryPeek(out var timer, out var key) && key.Due == now)
            {
                timers.Dequeue();
                if (timer.Order == key.Order)
                    ready.Add(new Step(timer.Process, timer.Fire));
            }

            return true;
        }
    }

    private sealed record Step(SimulatedProcess? Process, Action Work);
}
