using Microblog.Scheduling;

namespace Microblog.Delivery;

/// <summary>Lets one loop sleep until somebody has work for it. Calls while it works are not lost.</summary>
internal sealed class WakeUp(TaskStarter starter)
{
    private TaskCompletionSource waiting = new();
    private int isSetting;

    public void Set()
    {
        // Not here: the loop would go on inside whoever has work for it. One call at a time is enough, for the loop looks for work after it.
        if (!Volatile.Read(ref waiting).Task.IsCompleted && Interlocked.Exchange(ref isSetting, 1) == 0)
            _ = starter.Start(Complete);
    }

    /// <summary>Completes soon after the next <see cref="Set"/>, at once if there was one since the last wait, or after the time given.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref waiting);
        try
        {
            // Timers count whole milliseconds, and less than one would be no wait at all.
            await current.Task.WaitAsync(TimeSpan.FromMilliseconds(Math.Ceiling(atMost.TotalMilliseconds)), clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        // Before the work is looked for, so that a call during the search is kept for the next wait.
        Volatile.Write(ref waiting, new());
    }

    private Task Complete()
    {
        Volatile.Write(ref isSetting, 0);
        Volatile.Read(ref waiting).TrySetResult();
        return Task.CompletedTask;
    }
}
