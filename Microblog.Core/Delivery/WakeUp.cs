using Microblog.Scheduling;

namespace Microblog.Delivery;

/// <summary>Lets one loop sleep until somebody has work for it. Calls while it works are not lost.</summary>
internal sealed class WakeUp(TaskStarter starter)
{
    private TaskCompletionSource waiting = new();

    public void Set()
    {
        var current = Volatile.Read(ref waiting);
        if (current.Task.IsCompleted)
            return;
        // Not here: the loop would go on inside whoever has work for it.
        _ = starter.Start(() =>
        {
            current.TrySetResult();
            return Task.CompletedTask;
        });
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
}
