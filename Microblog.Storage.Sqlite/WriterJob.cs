using System.Threading.Tasks.Sources;

namespace Microblog.Storage.Sqlite;

/// <summary>One caller's work on its way through the writer.</summary>
internal abstract class WriterJob
{
    private const int Queued = 0;
    private const int Begun = 1;
    private const int Cancelled = 2;

    private int state;
    private CancellationTokenRegistration registration;

    /// <summary>What the work threw, or what became of its commit.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Lets the token take the job out of the queue, until it has begun.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            registration = cancellationToken.UnsafeRegister(static (job, token) => ((WriterJob)job!).Cancel(token), this);
    }

    /// <summary>False when the caller has given up.</summary>
    public bool TryBegin()
    {
        if (Interlocked.CompareExchange(ref state, Begun, Queued) != Queued)
            return false;
        registration.Unregister();
        return true;
    }

    /// <summary>Runs the work and keeps its result or failure.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Hands result or failure to the caller.</summary>
    public abstract void Complete();

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref state, Cancelled, Queued) != Queued)
            return;
        Failure = new OperationCanceledException(token);
        Complete();
    }
}

/// <inheritdoc cref="WriterJob"/>
/// <remarks>It is also the caller's task, so that a write costs one object.</remarks>
internal sealed class WriterJob<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work) : WriterJob, IValueTaskSource<T>
{
    // Continuations run elsewhere: the writer has more to commit.
    private ManualResetValueTaskSourceCore<T> source = new() { RunContinuationsAsynchronously = true };
    private T? result;

    public ValueTask<T> Task => new(this, source.Version);

    public override void Run(SqliteSession session)
    {
        try
        {
            var pending = work(session, CancellationToken.None);
            if (!pending.IsCompleted)
                throw new InvalidOperationException("The work of a transaction may await nothing but the methods of its session.");
            result = pending.GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // whatever the work threw is its caller's alone
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failure = exception;
        }
    }

    public override void Complete()
    {
        if (Failure is { } failure)
            source.SetException(failure);
        else
            source.SetResult(result!);
    }

    T IValueTaskSource<T>.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
