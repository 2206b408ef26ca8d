namespace Microblog.Delivery;

/// <summary>Lets one loop sleep until somebody has work for it. Calls while it works are not lost.</summary>
internal sealed class WakeUp
{
    private TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Volatile.Read(ref waiting).TrySetResult();

    /// <summary>Completes at the next <see cref="Set"/>, at once if there was one since the last wait, or after the time given.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref waiting);
        try
        {
            await current.Task.WaitAsync(atMost, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        // Before the work is looked for, so that a call during the search is kept for the next wait.
        Volatile.Write(ref waiting, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
