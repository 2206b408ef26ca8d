namespace Microblog.Delivery;

/// <summary>Tells the worker of this process that something may have come due. Losing a call costs a poll interval, nothing else.</summary>
public sealed class DeliverySignal
{
    private TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes whoever waits, or the next one who does.</summary>
    public void Wake() => Volatile.Read(ref waiting).TrySetResult();

    /// <summary>Completes at the next <see cref="Wake"/>, at once if there was one since the last call, or after the time given.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
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

        Interlocked.CompareExchange(ref waiting, new(TaskCreationOptions.RunContinuationsAsynchronously), current);
    }
}
